/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nor-serprog.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define ACK 0x06
#define NAK 0x15
#define SPI_BUS 0x08
#define PARAMETERS_MAX 6 /* of a command, without the bytes for the chip */

enum { NOP = 0x00, INTERFACE = 0x01, COMMANDS = 0x02, NAME = 0x03, SERIAL_BUFFER = 0x04 };
enum { BUSES = 0x05, OPERATION_BUFFER = 0x07, LONGEST_WRITE = 0x08, CLEAR_BUFFER = 0x0b };
enum { DELAY = 0x0e, EXECUTE = 0x0f, SYNC = 0x10, LONGEST_READ = 0x11, SET_BUS = 0x12 };
enum { SPI = 0x13, SET_FREQUENCY = 0x14, SET_PINS = 0x15 };

/* A command that is answered by constant bytes, or by what it was given. */
typedef struct {
  guint8 command;
  guint8 parameters;
  guint8 echoed;   /* this many of them come back */
  guint8 n_answer; /* after ACK */
  const char *answer;
} Row;

static const Row rows[] = {
    {NOP, 0, 0, 0, ""},
    {INTERFACE, 0, 0, 2, "\x01\x00"},
    {NAME, 0, 0, 16, "nor-emulator\0\0\0\0"},
    {SERIAL_BUFFER, 0, 0, 2, "\xff\xff"},
    {BUSES, 0, 0, 1, "\x08"},
    {OPERATION_BUFFER, 0, 0, 2, "\xff\xff"},
    {LONGEST_WRITE, 0, 0, 3, "\x00\x00\x00"},
    {CLEAR_BUFFER, 0, 0, 0, ""},
    {DELAY, 4, 0, 0, ""},
    {EXECUTE, 0, 0, 0, ""},
    {LONGEST_READ, 0, 0, 3, "\x00\x00\x00"},
    {SET_FREQUENCY, 4, 4, 0, ""},
    {SET_PINS, 1, 0, 0, ""},
};

typedef struct {
  int fd;
  int watch;
  const sigset_t *signals;
  gsize used; /* bytes of the buffer that were taken */
  gsize held; /* bytes in it */
  guint8 buffer[65536];
} Peer;

gboolean
nor_serprog_wait (int fd, int watch, const sigset_t *signals)
{
  struct pollfd fds[] = {{fd, POLLIN, 0}, {watch, POLLIN, 0}};

  return ppoll (fds, G_N_ELEMENTS (fds), NULL, signals) > 0 && fds[1].revents == 0;
}

static NorEnd
fill (Peer *peer)
{
  ssize_t got;

  if (!nor_serprog_wait (peer->fd, peer->watch, peer->signals))
    return NOR_END_STOPPED;
  got = recv (peer->fd, peer->buffer, sizeof peer->buffer, 0);
  peer->used = 0;
  peer->held = got > 0 ? (gsize)got : 0;
  return NOR_END_CLOSED;
}

/* Whether all bytes came; *end says why not. */
static gboolean
take (Peer *peer, guint8 *to, gsize length, NorEnd *end)
{
  while (length > 0) {
    gsize n = MIN (length, peer->held - peer->used);

    memcpy (to, peer->buffer + peer->used, n);
    peer->used += n;
    to += n;
    length -= n;
    if (length == 0)
      return TRUE;
    *end = fill (peer);
    if (peer->held == 0 || *end == NOR_END_STOPPED)
      return FALSE;
  }
  return TRUE;
}

static gboolean
say (Peer *peer, const guint8 *bytes, gsize length)
{
  while (length > 0) {
    ssize_t sent = send (peer->fd, bytes, length, MSG_NOSIGNAL);

    if (sent < 0 && errno == EINTR)
      continue;
    if (sent <= 0)
      return FALSE;
    bytes += sent;
    length -= (gsize)sent;
  }
  return TRUE;
}

static gboolean
say_byte (Peer *peer, guint8 byte)
{
  return say (peer, &byte, 1);
}

static const Row *
find_row (guint8 command)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].command == command)
      return &rows[i];
  return NULL;
}

static gboolean
do_row (Peer *peer, const Row *row, NorEnd *end)
{
  guint8 parameters[PARAMETERS_MAX];
  g_autoptr (GByteArray) out = g_byte_array_new ();
  const guint8 ack = ACK;

  if (!take (peer, parameters, row->parameters, end))
    return FALSE;
  g_byte_array_append (out, &ack, 1);
  g_byte_array_append (out, parameters, row->echoed);
  g_byte_array_append (out, (const guint8 *)row->answer, row->n_answer);
  return say (peer, out->data, out->len);
}

static gboolean
do_commands (Peer *peer)
{
  static const guint8 others[] = {COMMANDS, SYNC, SET_BUS, SPI};
  guint8 out[1 + 32] = {ACK};

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    out[1 + rows[i].command / 8] |= (guint8)(1U << rows[i].command % 8);
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    out[1 + others[i] / 8] |= (guint8)(1U << others[i] % 8);
  return say (peer, out, sizeof out);
}

static gboolean
do_set_bus (Peer *peer, NorEnd *end)
{
  guint8 bus;

  return take (peer, &bus, 1, end) && say_byte (peer, (bus & SPI_BUS) != 0 ? ACK : NAK);
}

static gsize
number (const guint8 *bytes)
{
  return (gsize)bytes[0] | (gsize)bytes[1] << 8 | (gsize)bytes[2] << 16;
}

static gboolean
do_spi (Peer *peer, NorChip *chip, NorEnd *end)
{
  guint8 lengths[6];
  g_autofree guint8 *sent = NULL;
  g_autofree guint8 *out = NULL;
  gboolean powered;

  if (!take (peer, lengths, sizeof lengths, end))
    return FALSE;
  sent = g_malloc (number (lengths) + 1);
  out = g_malloc (1 + number (lengths + 3));
  if (!take (peer, sent, number (lengths), end))
    return FALSE;
  if (nor_chip_is_closed (chip, sent, number (lengths), number (lengths + 3)))
    return say_byte (peer, NAK);
  out[0] = ACK;
  powered = nor_chip_transfer (chip, sent, number (lengths), out + 1, number (lengths + 3));
  nor_counts_show (nor_chip_counts (chip));
  if (!powered) {
    *end = NOR_END_CUT;
    return FALSE;
  }
  return say (peer, out, 1 + number (lengths + 3));
}

static gboolean
do_command (Peer *peer, NorChip *chip, NorEnd *end)
{
  static const guint8 sync[] = {NAK, ACK};
  const Row *row;
  guint8 command;

  if (!take (peer, &command, 1, end))
    return FALSE;
  row = find_row (command);
  if (row != NULL)
    return do_row (peer, row, end);
  switch (command) {
  case COMMANDS:
    return do_commands (peer);
  case SYNC:
    return say (peer, sync, sizeof sync);
  case SET_BUS:
    return do_set_bus (peer, end);
  case SPI:
    return do_spi (peer, chip, end);
  default:
    return say_byte (peer, NAK);
  }
}

NorEnd
nor_serprog_serve (int connection, NorChip *chip, int watch, const sigset_t *signals)
{
  g_autofree Peer *peer = g_new0 (Peer, 1);
  NorEnd end = NOR_END_CLOSED;

  peer->fd = connection;
  peer->watch = watch;
  peer->signals = signals;
  nor_chip_rest (chip);
  while (do_command (peer, chip, &end))
    ;
  return end;
}
