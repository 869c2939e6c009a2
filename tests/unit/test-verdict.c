/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-verdict.h"

#include "qfu-error.h"
#include "qfu-postquantum.h"
#include "testconfig.h"

#include <string.h>

#define SIGNED G_GINT64_CONSTANT (1600000000) /* 2020-09-13 12:26:40 */
#define FROM G_GINT64_CONSTANT (1500000000)   /* 2017-07-14 02:40:00 */
#define TO G_GINT64_CONSTANT (1700000000)     /* 2023-11-14 22:13:20 */

static char *denied[] = {NULL, NULL};
static QfuConfig config = {.denied_serials = denied};

static QfuMessage *
message_of (guint64 status)
{
  static const guint8 serial[] = {0x00, 0x0a, 0xbc};
  QfuMessage *message = qfu_message_new (QFU_FRAME_SIGNATURE);

  qfu_message_add_number (message, QFU_FIELD_STATUS, status);
  qfu_message_add_text (message, QFU_FIELD_AUTHORITY, "CN=Authority");
  qfu_message_add_text (message, QFU_FIELD_SUBJECT, "CN=Leaf");
  qfu_message_add_bytes (message, QFU_FIELD_SERIAL, serial, sizeof serial);
  qfu_message_add_text (message, QFU_FIELD_ALGORITHM, "RSA-SHA256");
  qfu_message_add_number (message, QFU_FIELD_TIME, SIGNED);
  qfu_message_add_number (message, QFU_FIELD_NOT_BEFORE, FROM);
  qfu_message_add_number (message, QFU_FIELD_NOT_AFTER, TO);
  return message;
}

static QfuVerdict *
verdict_of (guint64 status)
{
  g_autoptr (QfuMessage) message = message_of (status);
  g_autoptr (GError) error = NULL;
  QfuVerdict *verdict = qfu_verdict_new (&config, message, &error);

  g_assert_no_error (error);
  return verdict;
}

static void
test_good (void)
{
  g_autoptr (QfuVerdict) verdict = verdict_of (QFU_VERDICT_GOOD);

  g_assert_true (qfu_verdict_good (verdict));
  g_assert_cmpstr (verdict->authority, ==, "CN=Authority");
  g_assert_cmpstr (verdict->subject, ==, "CN=Leaf");
  g_assert_cmpstr (verdict->serial, ==, "000abc");
  g_assert_cmpstr (verdict->algorithm, ==, "RSA-SHA256");
  g_assert_cmpint (verdict->time, ==, SIGNED);
  g_assert_cmpint (verdict->not_before, ==, FROM);
  g_assert_cmpint (verdict->not_after, ==, TO);
}

/* Leading zeros do not matter; a part of a number is another number. */
static void
test_denied (void)
{
  static const struct {
    const char *serial; /* as the configuration keeps it */
    gboolean denied;
  } cases[] = {{"abc", TRUE}, {"ab", FALSE}, {"bc", FALSE}, {"abc0", FALSE}, {"", FALSE}};

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (QfuVerdict) verdict = NULL;
    g_autoptr (GError) error = NULL;

    denied[0] = (char *)cases[i].serial;
    verdict = verdict_of (QFU_VERDICT_GOOD);
    g_assert_cmpint (verdict->denied, ==, cases[i].denied);
    g_assert_cmpint (qfu_verdict_good (verdict), ==, !cases[i].denied);
    if (!cases[i].denied)
      continue;
    qfu_verdict_error (verdict, TO, &error);
    g_assert_error (error, QFU_ERROR, QFU_ERROR_SIGNATURE);
    g_assert_nonnull (strstr (error->message, "000abc"));
    g_assert_nonnull (strstr (error->message, "DeniedSerials="));
  }
  denied[0] = NULL;
}

static void
test_sentences (void)
{
  static const struct {
    QfuSignatureVerdict status;
    gint64 now;
    gboolean clock;
    const char *says;
  } cases[] = {
      {QFU_VERDICT_BROKEN, TO, FALSE, "does not match"},
      {QFU_VERDICT_NO_CERTIFICATE, TO, FALSE, "without the certificate"},
      {QFU_VERDICT_WRONG_AUTHORITY, TO, FALSE, "authority that is not accepted"},
      {QFU_VERDICT_WEAK, TO, FALSE, "too weak"},
      {QFU_VERDICT_NO_TIME, 0, FALSE, "does not say when"},
      {QFU_VERDICT_UNKNOWN_ALGORITHM, TO, FALSE, "does not know"},
      {QFU_VERDICT_EXPIRED, TO + 60, TRUE, "expired at 2023-11-14 22:13:20 UTC"},
      {QFU_VERDICT_EXPIRED, TO + 60, TRUE, "the clock says 2023-11-14 22:14:20 UTC"},
      {QFU_VERDICT_NOT_YET, FROM - 60, TRUE, "not valid before 2017-07-14 02:40:00 UTC"},
      {QFU_VERDICT_EXPIRED, 0, FALSE, "signed at 2020-09-13 12:26:40 UTC"},
      {QFU_VERDICT_EXPIRED, 0, FALSE, "had expired at 2023-11-14 22:13:20 UTC"},
      {QFU_VERDICT_NOT_YET, 0, FALSE, "was not valid before 2017-07-14"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (QfuVerdict) verdict = verdict_of (cases[i].status);
    g_autoptr (GError) error = NULL;

    g_assert_false (qfu_verdict_good (verdict));
    qfu_verdict_error (verdict, cases[i].now, &error);
    g_assert_error (error, QFU_ERROR,
                    (int)(cases[i].status == QFU_VERDICT_UNKNOWN_ALGORITHM ? QFU_ERROR_UNSUPPORTED
                                                                           : QFU_ERROR_SIGNATURE));
    g_assert_nonnull (strstr (error->message, cases[i].says));
    g_assert_true ((strstr (error->message, "qvm-sync-clock") != NULL) == cases[i].clock);
  }
}

/* Names that belong to a verdict which does not establish them are not taken over. */
static void
test_bare (void)
{
  for (guint64 status = QFU_VERDICT_BROKEN; status <= QFU_VERDICT_LAST; status++) {
    g_autoptr (QfuVerdict) verdict = verdict_of (status);

    g_assert_false (qfu_verdict_good (verdict));
    g_assert_null (verdict->subject);
    g_assert_null (verdict->authority);
    g_assert_cmpint (verdict->time, ==, 0);
  }
}

static void
test_order (void)
{
  g_autoptr (QfuVerdict) broken = verdict_of (QFU_VERDICT_BROKEN);
  g_autoptr (QfuVerdict) unknown = verdict_of (QFU_VERDICT_UNKNOWN_ALGORITHM);
  g_autoptr (QfuVerdict) expired = verdict_of (QFU_VERDICT_EXPIRED);
  g_autoptr (QfuVerdict) denied_too = verdict_of (QFU_VERDICT_EXPIRED);

  denied_too->denied = TRUE;
  g_assert_true (qfu_verdict_says_less (NULL, unknown));
  g_assert_true (qfu_verdict_says_less (unknown, broken));
  g_assert_true (qfu_verdict_says_less (broken, expired));
  g_assert_true (qfu_verdict_says_less (expired, denied_too));
  g_assert_false (qfu_verdict_says_less (denied_too, expired));
  g_assert_false (qfu_verdict_says_less (expired, expired));
  g_assert_false (qfu_verdict_says_less (expired, unknown));
}

static void
test_unknown (void)
{
  g_autofree char *none = qfu_verdict_unknown_text (0);
  g_autofree char *two = qfu_verdict_unknown_text (2);

  g_assert_null (none);
  g_assert_true (g_str_has_prefix (two, "2 more of an algorithm that GnuTLS "));
}

/* What an owned worker may try. */
static void
test_liar (void)
{
  static const QfuField needed[] = {QFU_FIELD_AUTHORITY, QFU_FIELD_SUBJECT, QFU_FIELD_SERIAL,
                                    QFU_FIELD_ALGORITHM, QFU_FIELD_TIME,    QFU_FIELD_NOT_BEFORE,
                                    QFU_FIELD_NOT_AFTER};
  g_autoptr (QfuMessage) beyond = message_of (QFU_VERDICT_LAST + 1);
  g_autoptr (QfuMessage) huge = message_of (G_MAXUINT64);
  g_autoptr (GError) error = NULL;

  g_assert_null (qfu_verdict_new (&config, beyond, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
  g_clear_error (&error);
  g_assert_null (qfu_verdict_new (&config, huge, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
  for (gsize i = 0; i < G_N_ELEMENTS (needed); i++) {
    g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_SIGNATURE);
    g_autoptr (GError) missing = NULL;

    qfu_message_add_number (message, QFU_FIELD_STATUS, 0);
    for (gsize j = 0; j < G_N_ELEMENTS (needed); j++) {
      if (j == i)
        continue;
      if (needed[j] == QFU_FIELD_SERIAL)
        qfu_message_add_bytes (message, needed[j], "1", 1);
      else if (needed[j] == QFU_FIELD_TIME || needed[j] >= QFU_FIELD_NOT_BEFORE)
        qfu_message_add_number (message, needed[j], 1);
      else
        qfu_message_add_text (message, needed[j], "x");
    }
    g_assert_null (qfu_verdict_new (&config, message, &missing));
    g_assert_error (missing, QFU_ERROR, QFU_ERROR_PROTOCOL);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/verdict/good", test_good);
  g_test_add_func ("/verdict/denied", test_denied);
  g_test_add_func ("/verdict/sentences", test_sentences);
  g_test_add_func ("/verdict/bare", test_bare);
  g_test_add_func ("/verdict/order", test_order);
  g_test_add_func ("/verdict/unknown", test_unknown);
  g_test_add_func ("/verdict/liar", test_liar);
  return g_test_run ();
}
