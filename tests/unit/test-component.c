/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-component.h"
#include "qfu-error.h"
#include "testconfig.h"

#define GUID "b585990a-003e-5270-89d5-3705a17f9a43"

static GPtrArray *
components_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_component_free);
}

static QfuMessage *
component_frame (const char *id, const char *guid)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_COMPONENT);

  qfu_message_add_text (message, QFU_FIELD_ID, id);
  qfu_message_add_text (message, QFU_FIELD_GUID, guid);
  return message;
}

static QfuMessage *
release_frame (const char *version)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_RELEASE);

  qfu_message_add_text (message, QFU_FIELD_VERSION, version);
  return message;
}

static QfuMessage *
requirement_frame (guint64 kind)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_REQUIREMENT);

  qfu_message_add_number (message, QFU_FIELD_KIND, kind);
  return message;
}

/* Takes @message. */
static void
add (GPtrArray *components, QfuMessage *message)
{
  g_autoptr (QfuMessage) owned = message;
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_component_add_frame (components, owned, &error));
  g_assert_no_error (error);
}

static void
refuse (GPtrArray *components, QfuMessage *message)
{
  g_autoptr (QfuMessage) owned = message;
  g_autoptr (GError) error = NULL;

  g_assert_false (qfu_component_add_frame (components, owned, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
}

static void
test_complete (void)
{
  g_autoptr (GPtrArray) components = components_new ();
  QfuMessage *release = release_frame ("1.2");
  const guint8 digest[32] = {1, 2, 3};
  const QfuComponent *component;
  const QfuComponentRelease *data;
  const QfuRequirement *requirement;

  qfu_message_add_text (release, QFU_FIELD_LOCATION, "https://example.org/a.cab");
  qfu_message_add_bytes (release, QFU_FIELD_SHA256, digest, sizeof digest);
  qfu_message_add_number (release, QFU_FIELD_SIZE, 10);
  qfu_message_add_number (release, QFU_FIELD_DURATION, QFU_RELEASE_DURATION_MAX);
  qfu_message_add_text (release, QFU_FIELD_DESCRIPTION, "a\nb\n");
  qfu_message_add_text (release, QFU_FIELD_CVE, "CVE-1");
  add (components, component_frame ("org.example", GUID));
  add (components, requirement_frame (QFU_REQUIREMENT_HARDWARE));
  add (components, release);
  component = g_ptr_array_index (components, 0);
  requirement = g_ptr_array_index (component->requirements, 0);
  data = g_ptr_array_index (component->releases, 0);
  g_assert_cmpstr (component->id, ==, "org.example");
  g_assert_cmpstr (component->guids[0], ==, GUID);
  g_assert_null (component->name);
  g_assert_cmpint (requirement->kind, ==, QFU_REQUIREMENT_HARDWARE);
  g_assert_cmpstr (data->version, ==, "1.2");
  g_assert_true (data->has_sha256);
  g_assert_cmpmem (data->sha256.data, data->sha256.size, digest, sizeof digest);
  g_assert_false (data->has_content);
  g_assert_cmpuint (data->size, ==, 10);
  g_assert_cmpuint (data->duration, ==, QFU_RELEASE_DURATION_MAX);
  g_assert_cmpstr (data->description, ==, "a\nb\n");
  g_assert_cmpstr (data->cves[0], ==, "CVE-1");
}

static void
test_order (void)
{
  g_autoptr (GPtrArray) components = components_new ();

  refuse (components, release_frame ("1"));
  refuse (components, requirement_frame (QFU_REQUIREMENT_ID));
  refuse (components, qfu_message_new (QFU_FRAME_HELLO));
  add (components, component_frame ("a", GUID));
  add (components, release_frame ("1"));
  refuse (components, requirement_frame (QFU_REQUIREMENT_ID)); /* behind a release */
}

/* Nothing belongs to what could not be read. */
static void
test_broken (void)
{
  g_autoptr (GPtrArray) components = components_new ();
  QfuMessage *frame = component_frame ("a", GUID);
  const QfuComponent *component;

  qfu_message_add_number (frame, QFU_FIELD_FLAGS, QFU_COMPONENT_BROKEN);
  qfu_message_add_text (frame, QFU_FIELD_SUMMARY, "it has no version");
  add (components, frame);
  component = g_ptr_array_index (components, 0);
  g_assert_cmpstr (component->broken, ==, "it has no version");
  refuse (components, requirement_frame (QFU_REQUIREMENT_ID));
  refuse (components, release_frame ("1"));
  add (components, component_frame ("b", GUID));
  add (components, release_frame ("1"));
}

static void
test_unfit (void)
{
  static const char *const locations[] = {
      "http://example.org/a.cab",
      "file:///etc/passwd",
      "/etc/passwd",
      "../a.cab",
      "a/../../b",
      "https://example.org/a b",
      "https://example.org/\"",
      "",
  };
  g_autoptr (GPtrArray) components = components_new ();

  refuse (components, component_frame ("", GUID));
  refuse (components, component_frame ("a b", GUID));
  refuse (components, component_frame ("a", "B585990A-003E-5270-89D5-3705A17F9A43"));
  add (components, component_frame ("a", GUID));
  refuse (components, requirement_frame (0));
  refuse (components, requirement_frame (QFU_REQUIREMENT_LAST + 1));
  refuse (components, release_frame (""));
  refuse (components, release_frame ("1 2"));
  for (gsize i = 0; i < G_N_ELEMENTS (locations); i++) {
    QfuMessage *release = release_frame ("1");

    qfu_message_add_text (release, QFU_FIELD_LOCATION, locations[i]);
    refuse (components, release);
  }
}

static void
test_unfit_numbers (void)
{
  g_autoptr (GPtrArray) components = components_new ();
  QfuMessage *size = release_frame ("1");
  QfuMessage *digest = release_frame ("1");
  QfuMessage *name = release_frame ("1");
  QfuMessage *duration = release_frame ("1");

  add (components, component_frame ("a", GUID));
  qfu_message_add_number (size, QFU_FIELD_SIZE, G_MAXUINT64);
  refuse (components, size);
  qfu_message_add_bytes (digest, QFU_FIELD_SHA256, "short", 5);
  refuse (components, digest);
  qfu_message_add_text (name, QFU_FIELD_CONTENT_NAME, "../rom");
  refuse (components, name);
  qfu_message_add_number (duration, QFU_FIELD_DURATION, QFU_RELEASE_DURATION_MAX + 1);
  refuse (components, duration);
}

static void
test_limits (void)
{
  g_autoptr (GPtrArray) components = components_new ();

  add (components, component_frame ("a", GUID));
  for (guint i = 0; i < QFU_COMPONENT_REQUIREMENTS_MAX; i++)
    add (components, requirement_frame (QFU_REQUIREMENT_ID));
  refuse (components, requirement_frame (QFU_REQUIREMENT_ID));
  for (guint i = 0; i < QFU_COMPONENT_RELEASES_MAX; i++)
    add (components, release_frame ("1"));
  refuse (components, release_frame ("1"));
  for (guint i = 1; i < QFU_CATALOG_COMPONENTS_MAX; i++)
    add (components, component_frame ("a", GUID));
  refuse (components, component_frame ("a", GUID));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/component/complete", test_complete);
  g_test_add_func ("/component/order", test_order);
  g_test_add_func ("/component/broken", test_broken);
  g_test_add_func ("/component/unfit", test_unfit);
  g_test_add_func ("/component/unfit-numbers", test_unfit_numbers);
  g_test_add_func ("/component/limits", test_limits);
  return g_test_run ();
}
