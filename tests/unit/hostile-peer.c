/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A peer that follows a script, one word an argument: `hello size:10 data:10 end:10`. Tests of
 * processes and transports play good and hostile agents with it. It writes frames by hand, so that
 * it can write wrong ones. */
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { HELLO = 2, SIZE = 3, PROGRESS = 4, DATA = 5, END = 6, ERROR = 7, ACTION = 124 };
enum {
  F_PROTOCOL = 1,
  F_KIND = 2,
  F_OFFSET = 5,
  F_SIZE = 6,
  F_CODE = 8,
  F_DONE = 10,
  F_TOTAL = 11,
  F_STATUS = 12
};

static unsigned char buffer[1 << 20];

static void
put (const void *data, size_t size)
{
  const unsigned char *bytes = data;

  while (size > 0) {
    ssize_t n = write (STDOUT_FILENO, bytes, size);
    if (n <= 0)
      exit (1); /* the reader went away, as it should */
    bytes += n;
    size -= (size_t)n;
  }
}

static void
header (unsigned type, uint32_t length)
{
  const unsigned char bytes[8] = {(unsigned char)type,
                                  0,
                                  1,
                                  0,
                                  (unsigned char)length,
                                  (unsigned char)(length >> 8),
                                  (unsigned char)(length >> 16),
                                  (unsigned char)(length >> 24)};
  put (bytes, sizeof bytes);
}

static void
number (unsigned field, uint64_t value)
{
  unsigned char bytes[16] = {(unsigned char)field, 0, 0, 0, 8};

  for (int i = 0; i < 8; i++)
    bytes[8 + i] = (unsigned char)(value >> (8 * i));
  put (bytes, sizeof bytes);
}

/* Frames of one or two numbers. */
static void
frame (unsigned type, unsigned field, uint64_t value)
{
  header (type, 16);
  number (field, value);
}

static void
frame2 (unsigned type, unsigned one, uint64_t value, unsigned two, uint64_t other)
{
  header (type, 32);
  number (one, value);
  number (two, other);
}

/* Byte I of the file that all scripts send is I modulo 251. */
static void
data (uint64_t size, uint64_t *position)
{
  while (size > 0) {
    uint32_t part = size > 65536 ? 65536 : (uint32_t)size;

    for (uint32_t i = 0; i < part; i++)
      buffer[i] = (unsigned char)((*position + i) % 251);
    header (DATA, part);
    put (buffer, part);
    *position += part;
    size -= part;
  }
}

static void
pause_ms (uint64_t ms)
{
  const struct timespec time = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};

  nanosleep (&time, NULL);
}

/* Reads one frame, whatever it says, and stores it where PEER_REQUEST names a file. */
static void
take_request (void)
{
  const char *path = getenv ("PEER_REQUEST");
  FILE *file = path == NULL ? NULL : fopen (path, "wb");
  size_t size = 8;
  size_t have = 0;

  while (have < size) {
    ssize_t n = read (STDIN_FILENO, buffer + have, size - have);
    if (n <= 0)
      exit (1);
    have += (size_t)n;
    if (have == 8)
      size = 8 + (buffer[4] | (size_t)buffer[5] << 8);
  }
  if (file != NULL) {
    fwrite (buffer, 1, have, file);
    fclose (file);
  }
}

/* Reads DATA frames with @size bytes of a file, and stores them where PEER_FILE names a file. */
static void
take_data (uint64_t size)
{
  const char *path = getenv ("PEER_FILE");
  FILE *file = path == NULL ? NULL : fopen (path, "wb");

  while (size > 0) {
    size_t length = 8;
    size_t have = 0;

    while (have < length) {
      ssize_t n = read (STDIN_FILENO, buffer + have, length - have);
      if (n <= 0)
        exit (1);
      have += (size_t)n;
      if (have == 8)
        length = 8 + (buffer[4] | (size_t)buffer[5] << 8 | (size_t)buffer[6] << 16);
    }
    if (buffer[0] != DATA || length - 8 > size)
      exit (98);
    if (file != NULL)
      fwrite (buffer + 8, 1, length - 8, file);
    size -= length - 8;
  }
  if (file != NULL)
    fclose (file);
}

/* Sends what a file holds, be it frames or not. */
static void
send_file (const char *path)
{
  FILE *file = fopen (path, "rb");
  size_t n;

  if (file == NULL)
    exit (97);
  while ((n = fread (buffer, 1, sizeof buffer, file)) > 0)
    put (buffer, n);
  fclose (file);
}

/* How far an installation is: of 100, and what of fwupd's it does. */
static void
percent (uint64_t done, uint64_t status)
{
  header (PROGRESS, 48);
  number (F_DONE, done);
  number (F_TOTAL, 100);
  number (F_STATUS, status);
}

static void
endless (const char *what)
{
  uint64_t position = 0;

  for (;;) {
    if (strcmp (what, "data") == 0)
      data (65536, &position);
    else if (strcmp (what, "progress") == 0)
      frame (PROGRESS, F_DONE, 1);
    else if (strcmp (what, "percent") == 0)
      percent (1, 5);
    else if (strcmp (what, "alive") == 0) {
      percent (1, 5);
      pause_ms (100);
    } else if (strcmp (what, "empty") == 0)
      header (DATA, 0);
    else {
      data (1, &position); /* a drip */
      pause_ms (100);
    }
  }
}

/* A child of ours that holds our output open and outlives us, unless somebody kills the group. */
static void
leave_child (int keep_output)
{
  if (fork () != 0)
    return;
  if (!keep_output)
    close (STDOUT_FILENO);
  for (;;)
    pause ();
}

#define IS(name) (length == strlen (name) && strncmp (word, name, length) == 0)

/* The words of agents in USB qubes; 0 for any other. */
static int
play_usb (const char *word, size_t length, const char *argument, uint64_t value, uint64_t second)
{
  if (IS ("percent"))
    percent (value, second);
  else if (IS ("action"))
    frame (ACTION, F_KIND, value);
  else if (IS ("take"))
    take_data (value);
  else if (IS ("file"))
    send_file (argument);
  else
    return 0;
  return 1;
}

static void
play (const char *word, uint64_t *position)
{
  size_t length = strcspn (word, ":");
  const char *argument = word[length] == ':' ? word + length + 1 : "";
  char *rest = NULL;
  uint64_t value = strtoull (argument, &rest, 10);
  uint64_t second = *rest == ',' ? strtoull (rest + 1, NULL, 10) : 0;

  if (IS ("request"))
    take_request ();
  else if (IS ("hello"))
    frame (HELLO, F_PROTOCOL, *argument == '\0' ? 1 : value);
  else if (IS ("size"))
    frame (SIZE, F_SIZE, value);
  else if (IS ("resume")) {
    frame2 (SIZE, F_SIZE, value, F_OFFSET, second);
    *position = second;
  } else if (IS ("progress"))
    frame (PROGRESS, F_DONE, value);
  else if (IS ("data"))
    data (value, position);
  else if (IS ("end"))
    frame (END, F_TOTAL, value);
  else if (IS ("bare-end"))
    header (END, 0);
  else if (IS ("error"))
    frame2 (ERROR, F_CODE, value, F_STATUS, second);
  else if (IS ("header"))
    header ((unsigned)value, (uint32_t)second);
  else if (IS ("raw"))
    put (argument, strlen (argument));
  else if (IS ("noise")) {
    const char text[] = "\x1b]0;owned\a\r\n";
    if (write (STDERR_FILENO, text, sizeof text) < 0)
      exit (1);
  } else if (IS ("endless"))
    endless (argument);
  else if (IS ("close"))
    close (STDOUT_FILENO);
  else if (IS ("child"))
    leave_child (value != 0);
  else if (IS ("hang"))
    for (;;)
      pause ();
  else if (IS ("stdin-end"))
    while (read (STDIN_FILENO, buffer, 1) > 0)
      continue;
  else if (IS ("exit"))
    exit ((int)value);
  else if (IS ("signal"))
    raise ((int)value);
  else if (!play_usb (word, length, argument, value, second))
    exit (99);
}

int
main (int argc, char **argv)
{
  uint64_t position = 0;

  signal (SIGPIPE, SIG_IGN);
  for (int i = 1; i < argc; i++)
    play (argv[i], &position);
  return 0;
}
