/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-program.h"

#include "qfu-error.h"

#include <string.h>

/* Until a program must have said everything. Installing has no limit: fwupd would go on with the
 * write, and we would not know how it ended. Nor has a recovery, which must not be cut off itself.
 */
static const struct {
  const char *name;
  const char *op; /* %NULL: every other */
  guint seconds;
} limits[] = {
    {"qfu-fwupd", "install", 0}, {"qfu-chip", "recover", 0},
    {"qfu-chip", NULL, 15 * 60}, /* slow programmers need minutes for a
        chip */
    {"qfu-fwupd", NULL, 120},    {"qfu-tpm", NULL, 60},
    {"qfu-cbmem", NULL, 60},
};

static guint
limit_ms (const char *name, const char *op)
{
  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++) {
    if (strcmp (limits[i].name, name) == 0 &&
        (limits[i].op == NULL || strcmp (limits[i].op, op) == 0))
      return limits[i].seconds * 1000;
  }
  return 0;
}

static char **
program_environment (void)
{
  static const char *const kept[] = {"DBUS_SYSTEM_BUS_ADDRESS", "QFU_CONFIG", "G_DEBUG"};
  char **envp = g_new0 (char *, 1);

  for (gsize i = 0; i < G_N_ELEMENTS (kept); i++) {
    const char *value = g_getenv (kept[i]);

    if (value != NULL)
      envp = g_environ_setenv (envp, kept[i], value, TRUE);
  }
  /* tpm2-tss and libfwupd complain about a missing one */
  return g_environ_setenv (envp, "HOME", "/nonexistent", TRUE);
}

QfuProcess *
qfu_program_start (const QfuConfig *config,
                   const char *name,
                   const char *op,
                   const char *id,
                   guint64 flags,
                   const QfuUntrustedBlob *const *inputs,
                   gsize n_inputs,
                   GError **error)
{
  g_autofree char *path = qfu_config_program (config, name);
  g_auto (GStrv) envp = program_environment ();
  const char *const argv[] = {path, op, NULL};
  QfuProcessSpec spec = {.argv = argv,
                         .envp = (const char *const *)envp,
                         .n_inputs = n_inputs,
                         .what = name,
                         .own_words = TRUE,
                         .keep_stderr = FALSE};
  g_autoptr (QfuMessage) arguments = qfu_message_new (QFU_FRAME_ARGUMENTS);
  g_autoptr (QfuProcess) process = NULL;
  g_autoptr (GError) local = NULL;

  g_assert (n_inputs <= QFU_PROCESS_INPUTS_MAX);
  for (gsize i = 0; i < n_inputs; i++)
    spec.inputs[i] = inputs[i];
  qfu_message_add_text (arguments, QFU_FIELD_ID, id);
  qfu_message_add_number (arguments, QFU_FIELD_FLAGS, flags);
  process = qfu_process_spawn (&spec, error);
  if (process == NULL)
    return NULL;
  qfu_wire_set_deadlines (qfu_process_wire (process), 0, limit_ms (name, op));
  /* one that ends before it reads says why on its side of the wire */
  if (!qfu_wire_send (qfu_process_wire (process), arguments, &local) &&
      !g_error_matches (local, QFU_ERROR, QFU_ERROR_UNREACHABLE)) {
    g_propagate_prefixed_error (error, g_steal_pointer (&local), "%s: ", name);
    return NULL;
  }
  return g_steal_pointer (&process);
}
