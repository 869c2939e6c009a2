/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* usage: parse-op OP FILE: prints the frames that a parser makes of a file, for people. */
#include "collect.h"

int
main (int argc, char **argv)
{
  g_autoptr (QfuMessage) arguments = qfu_message_new (QFU_FRAME_ARGUMENTS);
  g_autoptr (QfuCollected) collected = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = NULL;
  gsize size;

  if (argc != 3 || qfu_parse_op (argv[1]) == NULL ||
      !g_file_get_contents (argv[2], &contents, &size, &error)) {
    g_printerr ("parse-op: %s\n", error != NULL ? error->message : "OP FILE");
    return 1;
  }
  collected = qfu_collect (argv[1], arguments, contents, size);
  g_print ("%s", collected->text);
  if (collected->error != NULL)
    g_printerr ("%s\n", collected->error->message);
  return collected->error != NULL;
}
