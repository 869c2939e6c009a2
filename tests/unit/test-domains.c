/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-domains.h"

#include "qfu-error.h"
#include "qfu-wire.h"

#include <fcntl.h>
#include <string.h>

#include "machine.h"
#include "peer.h"
#include "testconfig.h"

#define ID "0123456789abcdef0123456789abcdef01234567"
#define OTHER "ffff456789abcdef0123456789abcdef01234567"
#define FREE_GUID "b585990a-003e-5270-89d5-3705a17f9a43"
#define PART_GUID "11111111-2222-3333-4444-555555555555"
#define DOCK_GUID "22222222-2222-3333-4444-555555555555"
#define HARDWARE_GUID "33333333-2222-3333-4444-555555555555"

static char *folder;

static QfuMessage *
device_frame (guint type, const char *id, const char *name, const char *guid, guint flags)
{
  QfuMessage *message = qfu_message_new (type);

  qfu_message_add_text (message, QFU_FIELD_ID, id);
  qfu_message_add_text (message, QFU_FIELD_NAME, name);
  qfu_message_add_text (message, QFU_FIELD_GUID, guid);
  qfu_message_add_number (message, QFU_FIELD_FLAGS, flags);
  return message;
}

static void
send (QfuWire *wire, QfuMessage *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_wire_send (wire, message, &error));
  g_assert_no_error (error);
  qfu_message_free (message);
}

/* What a qube sends that has one device of each of @guids: a file for hostile-peer. */
static char *
listing (const char *const *guids)
{
  static const char *const ids[] = {ID, OTHER};
  char *path = g_build_filename (folder, "listing", NULL);
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  g_autoptr (QfuWire) wire = qfu_wire_new (-1, fd);
  QfuMessage *qube = qfu_message_new (QFU_FRAME_QUBE);

  g_assert_cmpint (fd, >=, 0);
  qfu_message_add_text (qube, QFU_FIELD_VERSION, "2.0.16");
  qfu_message_add_number (qube, QFU_FIELD_KEYBOARDS, 1);
  send (wire, qube);
  for (gsize i = 0; guids[i] != NULL; i++)
    send (wire,
          device_frame (QFU_FRAME_USB_DEVICE, ids[i], "Webcam", guids[i], QFU_DEVICE_UPDATABLE));
  g_assert_true (qfu_wire_send_end (wire, NULL));
  return path;
}

/* Every qube that can be: what it does is in its name. */
static QfuConfig *
configure (const char *const *qubes, const char *file)
{
  QfuConfig *config = test_config (folder, "nobody");
  g_autofree char *client = g_build_filename (folder, "client", NULL);
  g_autofree char *program = g_strdup_printf ("#!/bin/sh\ncase $2 in\n"
                                              "good*) exec %s request hello file:%s;;\n"
                                              "bare) exit 127;;\n"
                                              "without) exec %s request hello error:%d,0;;\n"
                                              "wrong) exec %s request hello raw:garbage;;\n"
                                              "dumb) exec %s request hang;;\n"
                                              "*) exit 1;;\nesac\n",
                                              peer_path (), file, peer_path (),
                                              QFU_ERROR_UNSUPPORTED, peer_path (), peer_path ());

  g_assert_true (g_file_set_contents (client, program, -1, NULL));
  g_assert_cmpint (g_chmod (client, 0755), ==, 0);
  g_free (config->transport);
  config->transport = g_strdup ("qrexec");
  g_strfreev (config->usb_qubes);
  config->usb_qubes = g_strdupv ((char **)qubes);
  g_free (config->qrexec_client);
  config->qrexec_client = g_steal_pointer (&client);
  g_free (config->qubesd_socket);
  config->qubesd_socket = g_build_filename (folder, "qubesd", NULL);
  config->connect_seconds = 3;
  return config;
}

/* A machine with a part of its own and a dock. */
static QfuMachine *
machine_new (void)
{
  static const struct {
    const char *guid;
    guint flags;
  } devices[] = {{PART_GUID, QFU_DEVICE_INTERNAL | QFU_DEVICE_UPDATABLE}, {DOCK_GUID, 0}};
  QfuMachine *machine = g_new0 (QfuMachine, 1);

  machine->fwupd_version = g_strdup ("2.0.20");
  machine->hardware = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (machine->hardware, g_strdup (HARDWARE_GUID));
  machine->devices = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_device_free);
  for (gsize i = 0; i < G_N_ELEMENTS (devices); i++) {
    g_autoptr (QfuMessage) frame =
        device_frame (QFU_FRAME_DEVICE, ID, "Chip", devices[i].guid, devices[i].flags);
    QfuDevice *device = qfu_device_new (frame, NULL);

    g_assert_nonnull (device);
    g_ptr_array_add (machine->devices, device);
  }
  return machine;
}

/* All of @qubes but `off` run. */
static GPtrArray *
ask (const QfuConfig *config, const char *const *running, GPtrArray **queries)
{
  Machine qubesd = {.path = config->qubesd_socket, .running = running};
  g_autoptr (QfuMachine) machine = machine_new ();
  g_autoptr (GError) problem = NULL;
  GPtrArray *domains;

  machine_start (&qubesd);
  domains = qfu_domains_start (config, &problem);
  g_assert_no_error (problem);
  qfu_domains_finish (domains, machine);
  if (queries != NULL)
    *queries = g_ptr_array_ref (qubesd.queries);
  machine_stop (&qubesd);
  return domains;
}

static const struct {
  const char *name;
  const char *state;
  gboolean fails;
} expected[] = {
    {"good", "ok", FALSE},         {"off", "not-running", FALSE}, {"bare", "no-agent", TRUE},
    {"without", "no-agent", TRUE}, {"wrong", "failed", TRUE},     {"dumb", "failed", TRUE},
    {"dead", "failed", TRUE},      {"good2", "ok", FALSE},
};

/* Whatever becomes of one, the others answer; and one that does not run stays off. */
static void
test_states (void)
{
  static const char *const guids[] = {FREE_GUID, NULL};
  static const char *const running[] = {"good", "bare", "without", "wrong",
                                        "dumb", "dead", "good2",   NULL};
  const char *names[G_N_ELEMENTS (expected) + 1] = {NULL};
  g_autofree char *file = listing (guids);
  g_autoptr (QfuConfig) config = NULL;
  g_autoptr (GPtrArray) queries = NULL;
  g_autoptr (GPtrArray) domains = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    names[i] = expected[i].name;
  config = configure (names, file);
  domains = ask (config, running, &queries);
  g_assert_cmpuint (domains->len, ==, G_N_ELEMENTS (expected));
  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++) {
    const QfuDomain *domain = g_ptr_array_index (domains, i);

    g_test_message ("%s: %s", domain->name,
                    domain->problem == NULL ? "ok" : domain->problem->message);
    g_assert_cmpstr (domain->name, ==, expected[i].name);
    g_assert_cmpstr (qfu_domain_state_name (domain), ==, expected[i].state);
    g_assert_true (qfu_domain_fails (domain) == expected[i].fails);
    g_assert_true ((domain->qube == NULL) == (domain->problem != NULL));
    if (domain->problem != NULL)
      g_assert_nonnull (strstr (domain->problem->message, domain->name));
    g_assert_true (qfu_domains_find (domains, domain->name) == domain);
  }
  g_assert_null (qfu_domains_find (domains, "sys-usb"));
  for (guint i = 0; i < queries->len; i++)
    g_assert_null (strstr (g_ptr_array_index (queries, i), "admin.vm.Start"));
}

/* Nobody has named a qube that qubesd knows: it need not have an agent. */
static void
test_not_named (void)
{
  static const QfuError codes[] = {QFU_ERROR_NOT_FOUND, QFU_ERROR_UNSUPPORTED,
                                   QFU_ERROR_NOT_RUNNING, QFU_ERROR_PROTOCOL,
                                   QFU_ERROR_UNREACHABLE};
  static const gboolean fails[] = {FALSE, FALSE, FALSE, TRUE, TRUE};

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++) {
    g_autoptr (GError) problem = g_error_new_literal (QFU_ERROR, (int)codes[i], "no");
    const QfuDomain domain = {.name = (char *)"sys-usb", .problem = problem};

    g_assert_true (qfu_domain_fails (&domain) == fails[i]);
  }
}

static void
test_none (void)
{
  static const char *const none[] = {NULL};
  g_autoptr (QfuConfig) config = configure (none, "/nonexistent");
  g_autoptr (GPtrArray) queries = NULL;
  g_autoptr (GPtrArray) domains = ask (config, none, &queries);

  g_assert_cmpuint (domains->len, ==, 0);
  g_assert_cmpuint (queries->len, ==, 0);
}

/* What is the machine's own is not a qube's, and what dom0 only has plugged in may be of the same
 * kind as what the qube has. */
static void
test_claims (void)
{
  static const struct {
    const char *guids[3];
    const char *problem; /* %NULL: it has none */
  } cases[] = {
      {{FREE_GUID, DOCK_GUID}, NULL},
      {{PART_GUID, FREE_GUID}, "good claims a GUID of Chip, which is a part of this machine"},
      {{HARDWARE_GUID, FREE_GUID}, "good claims a GUID by which this machine is known"},
  };
  static const char *const qubes[] = {"good", NULL};

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *file = listing (cases[i].guids);
    g_autoptr (QfuConfig) config = configure (qubes, file);
    g_autoptr (GPtrArray) domains = ask (config, qubes, NULL);
    const QfuDomain *domain = g_ptr_array_index (domains, 0);
    const QfuDevice *first;
    const QfuDevice *second;

    g_assert_no_error (domain->problem);
    g_assert_cmpuint (domain->qube->devices->len, ==, 2);
    first = g_ptr_array_index (domain->qube->devices, 0);
    second = g_ptr_array_index (domain->qube->devices, 1);
    g_assert_cmpstr (first->domain, ==, "good");
    g_assert_null (second->problem);
    g_assert_cmpuint (second->flags, ==, QFU_DEVICE_UPDATABLE);
    g_assert_true ((first->flags & QFU_DEVICE_UPDATABLE) == (cases[i].problem == NULL));
    if (cases[i].problem == NULL)
      g_assert_null (first->problem);
    else
      g_assert_true (g_str_has_prefix (first->problem, cases[i].problem));
  }
}

int
main (int argc, char **argv)
{
  int status;

  test_init (&argc, &argv);
  folder = test_directory ();
  g_test_add_func ("/domains/states", test_states);
  g_test_add_func ("/domains/not-named", test_not_named);
  g_test_add_func ("/domains/none", test_none);
  g_test_add_func ("/domains/claims", test_claims);
  status = g_test_run ();
  test_directory_remove (folder);
  g_free (folder);
  return status;
}
