/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-component-kind.h"
#include "qfu-parse-requirement.h"

static void
assert_kind (const char *element,
             const char **names,
             const char **values,
             const char *text,
             gboolean understood,
             QfuRequirementKind kind)
{
  g_autoptr (QfuMessage) message =
      qfu_parsed_requirement_message (element, names, values, text, understood);

  g_assert_cmpuint (qfu_message_number_or (message, QFU_FIELD_KIND, 1, QFU_REQUIREMENT_LAST, 0), ==,
                    kind);
}

static void
test_kinds (void)
{
  static const struct {
    const char *element;
    const char *text;
    QfuRequirementKind kind;
  } rows[] = {
      {"id", "org.freedesktop.fwupd", QFU_REQUIREMENT_ID},
      {"firmware", "", QFU_REQUIREMENT_FIRMWARE},
      {"firmware", "vendor-id", QFU_REQUIREMENT_VENDOR_ID},
      {"firmware", "bootloader", QFU_REQUIREMENT_UNKNOWN},
      {"firmware", "not-child", QFU_REQUIREMENT_UNKNOWN},
      {"firmware", "2082b5e0-7a64-478a-b1b2-e3404fab6dad", QFU_REQUIREMENT_UNKNOWN},
      {"hardware", "a|b", QFU_REQUIREMENT_HARDWARE},
      {"not_hardware", "a", QFU_REQUIREMENT_NOT_HARDWARE},
      {"client", "detach-action", QFU_REQUIREMENT_CLIENT},
      {"phased_update", "", QFU_REQUIREMENT_PHASED},
      {"memory", "8", QFU_REQUIREMENT_UNKNOWN},
  };
  const char *names[] = {"compare", "version", NULL};
  const char *values[] = {"ge", "1", NULL};

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_kind (rows[i].element, names, values, rows[i].text, TRUE, rows[i].kind);
}

/* What would mean something else without the part that is lost is unknown. */
static void
test_not_whole (void)
{
  g_autofree char *long_text = g_strnfill (4097, 'x');
  g_autofree char *long_version = g_strnfill (65, '1');
  const char *names[] = {"version", NULL};
  const char *values[] = {long_version, NULL};
  const char *other_names[] = {"depth", NULL};
  const char *other_values[] = {"1", NULL};
  const char *none[] = {NULL};

  assert_kind ("hardware", none, none, long_text, TRUE, QFU_REQUIREMENT_UNKNOWN);
  assert_kind ("firmware", names, values, "", TRUE, QFU_REQUIREMENT_UNKNOWN);
  assert_kind ("firmware", other_names, other_values, "", TRUE, QFU_REQUIREMENT_UNKNOWN);
  assert_kind ("hardware", none, none, "a", FALSE, QFU_REQUIREMENT_UNKNOWN);
  assert_kind ("phased_update", other_names, other_values, "", FALSE, QFU_REQUIREMENT_PHASED);
}

static char *
value_of (const char *element, const char **names, const char *text)
{
  const char *values[] = {"1", "2", "3", NULL};
  g_autoptr (QfuMessage) message =
      qfu_parsed_requirement_message (element, names, values, text, TRUE);

  return g_strdup (qfu_message_text (message, QFU_FIELD_VALUE, 0));
}

/* What fwupd knows and we do not evaluate is named, so that a refusal says what it is about. */
static void
test_named (void)
{
  static const struct {
    const char *element;
    const char *attribute;
    const char *text;
    const char *value;
  } rows[] = {
      {"firmware", "version", "bootloader", "firmware bootloader"},
      {"firmware", "version", "not-child", "firmware not-child"},
      {"firmware", "depth", "", "firmware depth"},
      {"firmware", "depth", "vendor-id", "firmware depth vendor-id"},
      {"firmware", "version", "2082b5e0-7a64-478a-b1b2-e3404fab6dad",
       "firmware 2082b5e0-7a64-478a-b1b2-e3404fab6dad"},
      {"hardware", "any", "a", "hardware any a"},
      {"modalias", "version", "", "modalias"},
      {"hardware", "version", "a", "a"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    const char *names[] = {"compare", "version", rows[i].attribute, NULL};
    g_autofree char *value = value_of (rows[i].element, names, rows[i].text);

    g_assert_cmpstr (value, ==, rows[i].value);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/requirement/kinds", test_kinds);
  g_test_add_func ("/requirement/not-whole", test_not_whole);
  g_test_add_func ("/requirement/named", test_named);
  return g_test_run ();
}
