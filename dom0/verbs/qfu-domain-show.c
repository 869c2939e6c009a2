/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-domain-show.h"

#include "qfu-print.h"

void
qfu_domain_say (const QfuOptions *options, const QfuDomain *domain)
{
  if (domain == NULL) {
    qfu_say_as (options, QFU_STYLE_BOLD, QFU_DOM0);
    return;
  }
  if (domain->problem == NULL) {
    qfu_say_as (options, QFU_STYLE_BOLD, "%s (as reported by %s)", domain->name, domain->name);
    return;
  }
  qfu_say_as (options, QFU_STYLE_BOLD, "%s", domain->name);
  qfu_say (options, "  %s",
           qfu_domain_fails (domain) ? "what it has is not known" : domain->problem->message);
}

void
qfu_domains_say_left (const QfuOptions *options, const GPtrArray *domains)
{
  for (guint i = 0; i < domains->len; i++) {
    const QfuDomain *domain = g_ptr_array_index (domains, i);

    if (domain->problem != NULL && !qfu_domain_fails (domain))
      qfu_say (options, "%s", domain->problem->message);
  }
}

static void
add_domain (JsonBuilder *builder, const char *name, const char *state, const GError *problem)
{
  json_builder_begin_object (builder);
  qfu_json_text (builder, "name", name);
  qfu_json_text (builder, "state", state);
  qfu_json_text (builder, "message", problem == NULL ? NULL : problem->message);
  json_builder_end_object (builder);
}

void
qfu_domains_json (JsonBuilder *builder, const GPtrArray *domains)
{
  json_builder_set_member_name (builder, "domains");
  json_builder_begin_array (builder);
  add_domain (builder, QFU_DOM0, "ok", NULL);
  for (guint i = 0; i < domains->len; i++) {
    const QfuDomain *domain = g_ptr_array_index (domains, i);

    add_domain (builder, domain->name, qfu_domain_state_name (domain), domain->problem);
  }
  json_builder_end_array (builder);
}

/* (transfer container) (element-type GError): what a verb fails with. */
static GPtrArray *
failures (const GPtrArray *domains, const GError *problem)
{
  GPtrArray *found = g_ptr_array_new ();

  if (problem != NULL)
    g_ptr_array_add (found, (gpointer)problem);
  for (guint i = 0; domains != NULL && i < domains->len; i++) {
    const QfuDomain *domain = g_ptr_array_index (domains, i);

    if (qfu_domain_fails (domain))
      g_ptr_array_add (found, domain->problem);
  }
  return found;
}

void
qfu_domains_warn (const QfuOptions *options, const GPtrArray *domains, const GError *problem)
{
  g_autoptr (GPtrArray) all = failures (domains, problem);

  qfu_domains_say_left (options, domains);
  for (guint i = 0; i < all->len; i++)
    qfu_warn ("warning: %s", ((const GError *)g_ptr_array_index (all, i))->message);
}

gboolean
qfu_domains_end (const GPtrArray *domains, const GError *problem, GError *failure, GError **error)
{
  g_autoptr (GPtrArray) all = failures (domains, problem);

  for (guint i = 0; i < all->len; i++) {
    const GError *each = g_ptr_array_index (all, i);

    if (failure == NULL)
      failure = g_error_copy (each);
    else
      qfu_warn ("qubes-fwupdmgr: %s", each->message);
  }
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, failure);
  return FALSE;
}
