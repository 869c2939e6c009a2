/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* reinstall, downgrade, and install of a device: a certain version that verified metadata has. */

#include "qfu-verb-version.h"

#include "qfu-choose.h"
#include "qfu-clock.h"
#include "qfu-domain-show.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-lock.h"
#include "qfu-print.h"
#include "qfu-recovery.h"
#include "qfu-releases.h"
#include "qfu-update.h"
#include "qfu-verbs.h"

/* What is wanted of all releases: those on one side of the present version. */
typedef struct {
  QfuInventory *inventory;
  const QfuOptions *options; /* with what the verb allows */
  int order;                 /* 0: the present version; negative: older ones */
  const char *what;          /* "older version" */
} Wish;

/* A device with the releases that fit the wish. */
typedef struct {
  const QfuDevice *device;
  GPtrArray *all;      /* of QfuListed */
  GPtrArray *eligible; /* of those, which can be installed */
  const char *refusal; /* (nullable): why one cannot */
} Option;

static void
option_free (gpointer data)
{
  Option *option = data;

  g_ptr_array_unref (option->eligible);
  g_ptr_array_unref (option->all);
  g_free (option);
}

static Option *
option_new (const Wish *wish, const QfuDevice *device)
{
  Option *option = g_new0 (Option, 1);

  option->device = device;
  option->all = qfu_releases_list (wish->inventory, wish->options, device);
  option->eligible = g_ptr_array_new ();
  for (guint i = 0; i < option->all->len; i++) {
    QfuListed *listed = g_ptr_array_index (option->all, i);

    if (wish->order == 0 ? listed->order != 0 : listed->order >= 0)
      continue;
    if (listed->reason == NULL)
      g_ptr_array_add (option->eligible, listed);
    else if (option->refusal == NULL)
      option->refusal = listed->reason;
  }
  return option;
}

static gboolean
nothing (const Wish *wish, const Option *option, GError **error)
{
  if (option->refusal != NULL)
    g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED, "%s: no %s can be installed: %s",
                 option->device->name, wish->what, option->refusal);
  else
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOTHING, "%s: the metadata has no %s of it",
                 option->device->name, wish->what);
  return FALSE;
}

/* The one device that was named, or every one that has a choice. */
static GPtrArray *
find_options (const Wish *wish, const char *wanted, GError **error)
{
  g_autoptr (GPtrArray) devices = qfu_inventory_select (wish->inventory, wanted, error);
  g_autoptr (GPtrArray) options = g_ptr_array_new_with_free_func (option_free);

  if (devices == NULL)
    return NULL;
  for (guint i = 0; i < devices->len; i++) {
    Option *option = option_new (wish, g_ptr_array_index (devices, i));

    if (option->eligible->len > 0) {
      g_ptr_array_add (options, option);
      continue;
    }
    if (wanted != NULL)
      (void)nothing (wish, option, error);
    option_free (option);
    if (wanted != NULL)
      return NULL;
  }
  if (options->len > 0)
    return g_steal_pointer (&options);
  g_set_error (error, QFU_ERROR, QFU_ERROR_NOTHING, "the metadata has no %s of any device here",
               wish->what);
  return NULL;
}

static const Option *
choose_device (const Wish *wish, const GPtrArray *options, GError **error)
{
  g_auto (GStrv) names = g_new0 (char *, options->len + 1);
  guint chosen = 0;

  for (guint i = 0; i < options->len; i++) {
    const QfuDevice *device = ((const Option *)g_ptr_array_index (options, i))->device;

    g_autofree char *address = qfu_device_address (device);

    names[i] = g_strdup_printf ("%s (%s)", device->name, address);
  }
  if (options->len > 1 && !qfu_choose (wish->options, "which device", "give DEVICE",
                                       (const char *const *)names, &chosen, error))
    return NULL;
  return g_ptr_array_index (options, chosen);
}

static const QfuListed *
choose_release (const Wish *wish, const Option *option, GError **error)
{
  g_auto (GStrv) names = g_new0 (char *, option->eligible->len + 1);
  guint chosen = 0;

  /* to install again there is one version, and who offers it first comes first */
  if (wish->order == 0)
    return g_ptr_array_index (option->eligible, 0);
  for (guint i = 0; i < option->eligible->len; i++) {
    const QfuListed *listed = g_ptr_array_index (option->eligible, i);

    names[i] =
        g_strdup_printf ("%s (%s)", qfu_release_version (listed->release), listed->source->remote);
  }
  if (!qfu_choose (wish->options, "which version", "give DEVICE and VERSION",
                   (const char *const *)names, &chosen, error))
    return NULL;
  return g_ptr_array_index (option->eligible, chosen);
}

static gboolean
run_release (const Wish *wish,
             const QfuDevice *device,
             const QfuListed *listed,
             JsonBuilder *builder,
             GError **error)
{
  const QfuOffer offer = {.source = listed->source, .release = listed->release};

  return qfu_update_run (wish->inventory, wish->options, device, &offer, builder, error);
}

/* A version by its name, which must be on the side that the verb is for. */
static gboolean
run_named (const Wish *wish,
           const QfuDevice *device,
           const char *version,
           JsonBuilder *builder,
           GError **error)
{
  g_autoptr (GPtrArray) releases = qfu_releases_list (wish->inventory, wish->options, device);
  const QfuListed *listed = qfu_releases_find (releases, device, version, error);

  if (listed == NULL)
    return FALSE;
  if (listed->order < 0)
    return run_release (wish, device, listed, builder, error);
  g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
               "%s: %s is not older than the present version %s; `qubes-fwupdmgr %s` is for that",
               device->name, version, device->version, listed->order == 0 ? "reinstall" : "update");
  return FALSE;
}

static gboolean
run_wish (
    const Wish *wish, const char *wanted, const char *version, JsonBuilder *builder, GError **error)
{
  g_autoptr (GPtrArray) options = NULL;
  const Option *option;
  const QfuListed *listed;

  if (version != NULL) {
    const QfuDevice *device = qfu_inventory_device (wish->inventory, wanted, error);

    return device != NULL && run_named (wish, device, version, builder, error);
  }
  options = find_options (wish, wanted, error);
  option = options == NULL ? NULL : choose_device (wish, options, error);
  listed = option == NULL ? NULL : choose_release (wish, option, error);
  return listed != NULL && run_release (wish, option->device, listed, builder, error);
}

static gboolean
run (const QfuConfig *config, Wish *wish, GError **error)
{
  const QfuOptions *options = wish->options;
  const char *wanted = qfu_options_device (options);
  const char *version =
      wanted == options->arguments[0] && wanted != NULL ? options->arguments[1] : NULL;
  g_auto (QfuFd) lock = -1;
  g_autoptr (QfuInventory) inventory = NULL;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  gint64 now;

  if (!qfu_lock_take (config, options, &lock, error) ||
      !qfu_recovery_before (config, options, error) || !qfu_clock_start (config, &now, error))
    return FALSE;
  wish->inventory = inventory = qfu_inventory_load_domains (config, wanted, now, error);
  if (inventory == NULL || !qfu_inventory_check_fresh (inventory, options, error))
    return FALSE;
  if (wanted == NULL)
    qfu_domains_warn (options, inventory->domains, inventory->domains_problem);
  json_builder_begin_object (builder);
  qfu_sources_json (config, inventory->sources, builder);
  json_builder_set_member_name (builder, "updated");
  json_builder_begin_array (builder);
  if (!run_wish (wish, wanted, version, builder, error))
    return FALSE;
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  qfu_print_json (options, g_steal_pointer (&builder));
  return TRUE;
}

gboolean
qfu_verb_reinstall (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  QfuOptions own = *options;
  Wish wish = {.options = &own, .order = 0, .what = "release of the present version"};

  own.allow_reinstall = TRUE;
  return run (config, &wish, error);
}

gboolean
qfu_verb_downgrade (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  QfuOptions own = *options;
  Wish wish = {.options = &own, .order = -1, .what = "older version"};

  own.allow_older = TRUE;
  return run (config, &wish, error);
}

gboolean
qfu_install_version (QfuInventory *inventory,
                     const QfuOptions *options,
                     const char *device,
                     const char *version,
                     JsonBuilder *builder,
                     GError **error)
{
  const Wish wish = {.inventory = inventory, .options = options};
  const QfuDevice *found = qfu_inventory_device (inventory, device, error);
  g_autoptr (GPtrArray) releases = NULL;
  const QfuListed *listed;
  QfuOffer offer;

  if (found == NULL)
    return FALSE;
  if (version == NULL)
    return qfu_inventory_offer (inventory, options, found, &offer, error) &&
           qfu_update_run (inventory, options, found, &offer, builder, error);
  releases = qfu_releases_list (inventory, options, found);
  listed = qfu_releases_find (releases, found, version, error);
  return listed != NULL && run_release (&wish, found, listed, builder, error);
}
