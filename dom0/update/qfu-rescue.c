/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-rescue.h"

#include "qfu-text.h"

#define PART "part"

char *
qfu_rescue_command (const QfuRescue *rescue)
{
  GString *text = g_string_new ("flashrom -p PROGRAMMER");

  if (rescue->model[0] != '\0')
    g_string_append_printf (text, " -c '%s'", rescue->model);
  if (rescue->unread->len > 0) {
    g_autoptr (GArray) parts = qfu_ranges_rest (rescue->unread, rescue->size);

    g_string_append_printf (text, " -l %s", rescue->layout);
    for (guint i = 0; i < parts->len; i++)
      g_string_append_printf (text, " -i " PART "%u", i);
    g_string_append (text, " -N");
  }
  g_string_append_printf (text, " -w %s", rescue->image);
  return g_string_free (text, FALSE);
}

char *
qfu_rescue_layout (const QfuRescue *rescue)
{
  g_autoptr (GArray) parts = qfu_ranges_rest (rescue->unread, rescue->size);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < parts->len; i++) {
    const QfuRange *part = &g_array_index (parts, QfuRange, i);

    g_string_append_printf (text,
                            "%08" G_GINT64_MODIFIER "x:%08" G_GINT64_MODIFIER "x " PART "%u\n",
                            part->offset, part->offset + part->length - 1, i);
  }
  return g_string_free (text, FALSE);
}

/* A line of its own, whatever somebody called the device. */
static void add (GString *text, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
add (GString *text, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *line = g_strdup_vprintf (format, args);
  va_end (args);
  g_autofree char *clean = qfu_text_clean (line);
  g_string_append (text, clean);
  g_string_append_c (text, '\n');
}

static void
add_what_it_is (GString *text, const QfuRescue *rescue)
{
  g_autofree char *hex = qfu_digest_to_hex (rescue->sha256);

  add (text, "Backup of the flash chip of %s, made on %s,", rescue->device, rescue->time);
  add (text, "before version %s was to take the place of version %s.", rescue->version_to,
       rescue->version_from == NULL ? "(unknown)" : rescue->version_from);
  add (text, "%s", "");
  add (text, "  file     %s", rescue->image);
  add (text, "  size     %" G_GUINT64_FORMAT " bytes, the whole chip", rescue->size);
  add (text, "  SHA-256  %s", hex);
  add (text, "%s", "");
  add (text, "It may hold passwords and keys of the firmware: keep it as you keep those.");
  add (text, "%s", "");
}

static void
add_unread (GString *text, const QfuRescue *rescue)
{
  if (rescue->unread->len == 0)
    return;
  add (text,
       "Not in the file are these bytes of the chip, in whose place it has FF. They are never");
  add (text, "read or written by updates, and must not be written from this file:");
  for (guint i = 0; i < rescue->unread->len; i++) {
    const QfuRange *range = &g_array_index (rescue->unread, QfuRange, i);

    add (text, "  0x%08" G_GINT64_MODIFIER "x to 0x%08" G_GINT64_MODIFIER "x", range->offset,
         range->offset + range->length - 1);
  }
  add (text, "The command below leaves them as they are, by the file %s.", rescue->layout);
  add (text, "%s", "");
}

static void
add_while_it_starts (GString *text)
{
  add (text, "IF THE MACHINE STILL STARTS");
  add (text, "%s", "");
  add (text,
       "Do nothing by hand. At the next start a write that was cut off is finished, or these");
  add (text, "contents are brought back. The same at any time, as root in dom0:");
  add (text, "%s", "");
  add (text, "  qubes-fwupdmgr recover");
  add (text, "%s", "");
}

static void
add_when_it_does_not (GString *text, const QfuRescue *rescue)
{
  g_autofree char *command = qfu_rescue_command (rescue);
  g_autofree char *hex = qfu_digest_to_hex (rescue->sha256);

  add (text, "IF THE MACHINE DOES NOT START ANY MORE");
  add (text, "%s", "");
  add (text,
       "You need another computer with flashrom, a programmer for SPI flash chips, and a clip or");
  add (text,
       "wires that reach the chip. The voltage of the programmer must be that of the chip (3.3 V");
  add (text,
       "or 1.8 V: see its data sheet), or it is destroyed. PROGRAMMER stands for what flashrom");
  add (text, "calls yours, such as ch341a_spi or linux_spi:dev=/dev/spidev0.0,spispeed=8000.");
  add (text, "%s", "");
  add (text, "1. Switch the machine off; take away mains and battery. Connect the programmer.");
  add (text, "2. In the folder of this file, check the backup. It must say OK:");
  add (text, "%s", "");
  add (text, "     echo '%s  %s' | sha256sum -c", hex, rescue->image);
  add (text, "%s", "");
  add (text, "3. Read the chip twice. The files must be the same, or the clip sits badly:");
  add (text, "%s", "");
  add (text, "     flashrom -p PROGRAMMER -r now1.rom");
  add (text, "     flashrom -p PROGRAMMER -r now2.rom");
  add (text, "     cmp now1.rom now2.rom");
  add (text, "%s", "");
  add (text,
       "   If flashrom finds several models that fit, add -c and the one printed on the chip.");
  add (text, "4. Write. It must end with VERIFIED:");
  add (text, "%s", "");
  add (text, "     %s", command);
  add (text, "%s", "");
  add (text, "5. Take the programmer off, and start the machine. As root in dom0:");
  add (text, "%s", "");
  add (text, "     qubes-fwupdmgr recover");
  add (text, "     qubes-fwupdmgr attest");
}

char *
qfu_rescue_text (const QfuRescue *rescue)
{
  GString *text = g_string_new (NULL);

  add_what_it_is (text, rescue);
  add_unread (text, rescue);
  add_while_it_starts (text);
  add_when_it_does_not (text, rescue);
  return g_string_free (text, FALSE);
}
