/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-release.h"

#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-parse-xml.h"

#include <string.h>

#define USUAL_PROSE 1000 /* bytes of a description */

static void
problem_code (QfuParsedRelease *release, QfuError code, const char *what)
{
  if (release->problem == NULL)
    release->problem = g_error_new (QFU_ERROR, (int)code, "release %s: %s", release->version, what);
}

static void
problem (QfuParsedRelease *release, const char *what)
{
  problem_code (release, QFU_ERROR_FORMAT, what);
}

static guint64
number (QfuParsedRelease *release, const char *text, const char *what)
{
  guint64 value = 0;

  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &value, NULL))
    problem (release, what);
  return value;
}

/* The first ten characters of an ISO 8601 date, as seconds since 1970. */
static guint64
date (QfuParsedRelease *release, const char *text)
{
  g_autofree char *midnight = g_strdup_printf ("%.10sT00:00:00Z", text);
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (midnight, NULL);

  if (time == NULL || g_date_time_to_unix (time) < 0) {
    problem (release, "its date is none");
    return 0;
  }
  return (guint64)g_date_time_to_unix (time);
}

/* It is for a person to know what to expect: one that says nothing keeps no release away. */
static guint64
duration (const char *text)
{
  guint64 seconds = 0;

  return g_ascii_string_to_unsigned (text, 10, 0, QFU_RELEASE_DURATION_MAX, &seconds, NULL)
             ? seconds
             : 0;
}

QfuParsedRelease *
qfu_parsed_release_new (const char **names, const char **values)
{
  QfuParsedRelease *release = g_new0 (QfuParsedRelease, 1);
  const char *version = qfu_xml_attribute (names, values, "version");
  const char *timestamp = qfu_xml_attribute (names, values, "timestamp");
  const char *day = qfu_xml_attribute (names, values, "date");
  const char *urgency = qfu_xml_attribute (names, values, "urgency");
  const char *seconds = qfu_xml_attribute (names, values, "install_duration");

  release->cves = g_ptr_array_new_with_free_func (g_free);
  release->device_checksums = g_ptr_array_new_with_free_func (g_free);
  release->prose.text = g_string_sized_new (USUAL_PROSE);
  release->version = version == NULL ? g_strdup ("") : qfu_prose_plain (version);
  if (*release->version == '\0')
    problem (release, "it has no version");
  if (strlen (release->version) > qfu_wire_field_spec (QFU_FIELD_VERSION)->max)
    problem (release, "its version is too long");
  if (strpbrk (release->version, " \"'`\\") != NULL) /* as dom0 demands it */
    problem (release, "its version is no single word");
  if (urgency != NULL)
    release->urgency = qfu_prose_plain (urgency);
  if (seconds != NULL)
    release->duration = duration (seconds);
  if (timestamp != NULL)
    release->time = number (release, timestamp, "its timestamp is no number");
  else if (day != NULL)
    release->time = date (release, day);
  return release;
}

void
qfu_parsed_release_free (QfuParsedRelease *release)
{
  if (release == NULL)
    return;
  g_free (release->version);
  g_free (release->urgency);
  g_free (release->location);
  g_free (release->content_name);
  g_ptr_array_unref (release->cves);
  g_ptr_array_unref (release->device_checksums);
  (void)g_string_free (release->prose.text, TRUE);
  g_clear_error (&release->problem);
  g_free (release);
}

/* Sets @digest once; a second, different one leaves open which file is meant. */
static void
set_digest (QfuParsedRelease *release, QfuDigest *digest, gboolean *has, const char *hex)
{
  QfuDigest read;

  if (!qfu_digest_from_hex (&read, QFU_HASH_SHA256, hex)) {
    problem (release, "a checksum is no SHA-256");
    return;
  }
  if (*has && !qfu_digest_equal (digest, &read))
    problem (release, "it has two different checksums");
  *digest = read;
  *has = TRUE;
}

/* The first file named is the payload; checksums of other files do not count. */
static void
content_checksum (QfuParsedRelease *release, const char *type, const char *name, const char *hex)
{
  g_autofree char *plain = name == NULL ? NULL : qfu_prose_plain (name);

  if (plain != NULL && release->content_name != NULL && strcmp (plain, release->content_name) != 0)
    return;
  if (plain != NULL && strlen (plain) > qfu_wire_field_spec (QFU_FIELD_CONTENT_NAME)->max)
    problem (release, "the payload's name is too long");
  if (plain != NULL && release->content_name == NULL)
    release->content_name = g_steal_pointer (&plain);
  if (g_strcmp0 (type, "sha256") == 0 && *hex != '\0')
    set_digest (release, &release->content, &release->has_content, hex);
}

static void
device_checksum (QfuParsedRelease *release, const char *type, const char *hex)
{
  guint hash = type == NULL ? 0 : qfu_hash_from_name (type);
  g_autofree char *lower = g_ascii_strdown (hex, -1);
  QfuDigest digest;

  if (hash == 0 || *hex == '\0')
    return;
  if (!qfu_digest_from_hex (&digest, hash, lower)) {
    problem (release, "a checksum of the device has the wrong length");
    return;
  }
  if (release->device_checksums->len < QFU_RELEASE_CHECKSUMS_MAX)
    g_ptr_array_add (release->device_checksums, g_strconcat (type, ":", lower, NULL));
  else
    problem_code (release, QFU_ERROR_LIMIT, "too many checksums of the device");
}

static void
checksum (QfuParsedRelease *release, const char **names, const char **values, const char *text)
{
  const char *type = qfu_xml_attribute (names, values, "type");
  const char *target = qfu_xml_attribute (names, values, "target");

  if (g_strcmp0 (target, "container") == 0 && g_strcmp0 (type, "sha256") == 0)
    set_digest (release, &release->sha256, &release->has_sha256, text);
  else if (g_strcmp0 (target, "content") == 0)
    content_checksum (release, type, qfu_xml_attribute (names, values, "filename"), text);
  else if (g_strcmp0 (target, "device") == 0)
    device_checksum (release, type, text);
}

static void
location (QfuParsedRelease *release, const char *text)
{
  if (strlen (text) > qfu_wire_field_spec (QFU_FIELD_LOCATION)->max)
    problem (release, "its location is too long");
  if (release->location == NULL)
    release->location = g_strdup (text);
}

void
qfu_parsed_release_child (QfuParsedRelease *release,
                          const char *element,
                          const char **names,
                          const char **values,
                          const char *text)
{
  const char *type = qfu_xml_attribute (names, values, "type");

  if (strcmp (element, "checksum") == 0)
    checksum (release, names, values, text);
  else if (strcmp (element, "location") == 0)
    location (release, text);
  else if (strcmp (element, "size") == 0 && g_strcmp0 (type, "download") == 0)
    release->size = number (release, text, "its size is no number");
  else if (strcmp (element, "size") == 0 && g_strcmp0 (type, "installed") == 0)
    release->installed_size = number (release, text, "its installed size is no number");
  else if (strcmp (element, "issues/issue") == 0 && g_strcmp0 (type, "cve") == 0 &&
           release->cves->len < QFU_RELEASE_CVES_MAX)
    g_ptr_array_add (release->cves, g_strdup (text));
}

static void
add_list (QfuMessage *message, QfuField field, const GPtrArray *texts)
{
  for (guint i = 0; i < texts->len; i++)
    qfu_message_add_text (message, field, g_ptr_array_index (texts, i));
}

static void
add_number (QfuMessage *message, QfuField field, guint64 value)
{
  if (value > 0)
    qfu_message_add_number (message, field, value);
}

QfuMessage *
qfu_parsed_release_message (const QfuParsedRelease *release, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_RELEASE);

  if (release->problem != NULL) {
    if (error != NULL)
      *error = g_error_copy (release->problem);
    return NULL;
  }
  qfu_message_add_text (message, QFU_FIELD_VERSION, release->version);
  qfu_message_add_text (message, QFU_FIELD_URGENCY, release->urgency);
  qfu_message_add_text (message, QFU_FIELD_LOCATION, release->location);
  add_number (message, QFU_FIELD_TIME, release->time);
  add_number (message, QFU_FIELD_SIZE, release->size);
  add_number (message, QFU_FIELD_INSTALLED_SIZE, release->installed_size);
  add_number (message, QFU_FIELD_DURATION, release->duration);
  if (release->has_sha256)
    qfu_message_add_bytes (message, QFU_FIELD_SHA256, release->sha256.data, QFU_SHA256_SIZE);
  if (release->has_content)
    qfu_message_add_bytes (message, QFU_FIELD_CONTENT_SHA256, release->content.data,
                           QFU_SHA256_SIZE);
  qfu_message_add_text (message, QFU_FIELD_CONTENT_NAME, release->content_name);
  add_list (message, QFU_FIELD_CVE, release->cves);
  add_list (message, QFU_FIELD_DEVICE_CHECKSUM, release->device_checksums);
  if (release->prose.text->len > 0)
    qfu_message_add_text (message, QFU_FIELD_DESCRIPTION, release->prose.text->str);
  return g_steal_pointer (&message);
}
