/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-cab-item.h"

#include <string.h>

const char *
qfu_cab_role_name (QfuCabRole role)
{
  static const char *const names[] = {[QFU_CAB_ROLE_EXTRA] = "extra",
                                      [QFU_CAB_ROLE_JCAT] = "jcat",
                                      [QFU_CAB_ROLE_METAINFO] = "metainfo",
                                      [QFU_CAB_ROLE_PAYLOAD] = "payload",
                                      [QFU_CAB_ROLE_MANIFEST] = "manifest"};

  return names[role];
}

static void
item_free (gpointer data)
{
  QfuCabItem *item = data;

  g_free (item->name);
  qfu_untrusted_blob_free (item->blob);
  g_strfreev (item->checksums);
  qfu_signature_free (item->signature);
  g_free (item->reason);
  g_free (item);
}

GPtrArray *
qfu_cab_items_new (GPtrArray *members)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (item_free);

  for (guint i = 0; i < members->len; i++) {
    QfuCabMember *member = g_ptr_array_index (members, i);
    QfuCabItem *item = g_new0 (QfuCabItem, 1);

    item->name = g_steal_pointer (&member->name);
    item->blob = g_steal_pointer (&member->blob);
    item->checksums = g_new0 (char *, 1);
    g_ptr_array_add (items, item);
  }
  return items;
}

QfuCabItem *
qfu_cab_items_find (const GPtrArray *items, const char *name)
{
  for (guint i = 0; i < items->len; i++) {
    QfuCabItem *item = g_ptr_array_index (items, i);

    if (strcmp (item->name, name) == 0)
      return item;
  }
  return NULL;
}

QfuCabItem *
qfu_cab_items_find_one (const GPtrArray *items, const char *suffix, guint *count)
{
  QfuCabItem *found = NULL;

  *count = 0;
  for (guint i = 0; i < items->len; i++) {
    QfuCabItem *item = g_ptr_array_index (items, i);

    if (!g_str_has_suffix (item->name, suffix))
      continue;
    found = item;
    (*count)++;
  }
  return *count == 1 ? found : NULL;
}
