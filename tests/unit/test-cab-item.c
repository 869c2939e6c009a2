/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-cab-item.h"
#include "testconfig.h"

static GPtrArray *
members_of (const char *const *names)
{
  GPtrArray *members = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_cab_member_free);

  for (gsize i = 0; names[i] != NULL; i++) {
    QfuCabMember *member = g_new0 (QfuCabMember, 1);

    member->name = g_strdup (names[i]);
    member->blob = test_blob (names[i], i);
    g_ptr_array_add (members, member);
  }
  return members;
}

static void
test_items (void)
{
  static const char *const names[] = {"a.jcat", "firmware.bin", "x.metainfo.xml", "b.jcat", NULL};
  g_autoptr (GPtrArray) members = members_of (names);
  g_autoptr (GPtrArray) items = qfu_cab_items_new (members);
  const QfuCabItem *item = qfu_cab_items_find (items, "firmware.bin");
  guint count;

  g_assert_cmpuint (items->len, ==, 4);
  g_assert_nonnull (item);
  g_assert_cmpuint (qfu_untrusted_blob_size (item->blob), ==, 1);
  g_assert_cmpint (item->role, ==, QFU_CAB_ROLE_EXTRA);
  g_assert_null (item->signature);
  g_assert_null (item->reason);
  g_assert_null (qfu_cab_items_find (items, "firmware"));
  g_assert_true (qfu_cab_items_find_one (items, ".metainfo.xml", &count) ==
                 g_ptr_array_index (items, 2));
  g_assert_cmpuint (count, ==, 1);
  g_assert_null (qfu_cab_items_find_one (items, ".jcat", &count));
  g_assert_cmpuint (count, ==, 2);
  g_assert_null (qfu_cab_items_find_one (items, ".exe", &count));
  g_assert_cmpuint (count, ==, 0);
}

static void
test_roles (void)
{
  g_assert_cmpstr (qfu_cab_role_name (QFU_CAB_ROLE_EXTRA), ==, "extra");
  g_assert_cmpstr (qfu_cab_role_name (QFU_CAB_ROLE_JCAT), ==, "jcat");
  g_assert_cmpstr (qfu_cab_role_name (QFU_CAB_ROLE_METAINFO), ==, "metainfo");
  g_assert_cmpstr (qfu_cab_role_name (QFU_CAB_ROLE_PAYLOAD), ==, "payload");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/cab-item/items", test_items);
  g_test_add_func ("/cab-item/roles", test_roles);
  return g_test_run ();
}
