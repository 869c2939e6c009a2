/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-route.h"

#include "qfu-agentexit.h"
#include "qfu-error.h"
#include "qfu-qubesd.h"

#include <string.h>

typedef struct {
  const char *name;
  gboolean has_names;
  char **(*peers) (const QfuConfig *config, gboolean tor, GError **error);
  char **(*argv) (const QfuConfig *config, gboolean tor, const char *peer, GError **error);
} Transport;

static const Transport transports[] = {
    {"qrexec", TRUE, qfu_transport_qrexec_peers, qfu_transport_qrexec_argv},
    {"exec", FALSE, qfu_transport_exec_peers, qfu_transport_exec_argv},
};

struct _QfuRoute {
  const QfuConfig *config;
  const Transport *transport;
  gboolean tor;
  char **peers;
  guint present;
  char *title;     /* of the present one */
  gboolean awake;  /* the present one has been started, or needed not to be */
  gboolean let_be; /* none is started any more */
  QfuRouteFunc notice;
  gpointer user;
};

void
qfu_route_free (QfuRoute *route)
{
  if (route == NULL)
    return;
  g_strfreev (route->peers);
  g_free (route->title);
  g_free (route);
}

static void
set_title (QfuRoute *route)
{
  g_free (route->title);
  route->title =
      g_strconcat (route->transport->has_names ? "VM " : "", route->peers[route->present], NULL);
}

QfuRoute *
qfu_route_new (
    const QfuConfig *config, gboolean tor, QfuRouteFunc notice, gpointer user, GError **error)
{
  g_autoptr (QfuRoute) route = g_new0 (QfuRoute, 1);

  for (gsize i = 0; i < G_N_ELEMENTS (transports); i++) {
    if (strcmp (transports[i].name, config->transport) == 0)
      route->transport = &transports[i];
  }
  if (route->transport == NULL) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "there is no transport %s", config->transport);
    return NULL;
  }
  route->config = config;
  route->tor = tor;
  route->notice = notice;
  route->user = user;
  route->peers = route->transport->peers (config, tor, error);
  if (route->peers == NULL)
    return NULL;
  set_title (route);
  return g_steal_pointer (&route);
}

const char *const *
qfu_route_vms (const QfuRoute *route)
{
  static const char *const none[] = {NULL};

  return route->transport->has_names ? (const char *const *)route->peers + route->present : none;
}

const char *
qfu_route_peer (const QfuRoute *route)
{
  return route->title;
}

char **
qfu_route_argv (const QfuRoute *route, GError **error)
{
  return route->transport->argv (route->config, route->tor, route->peers[route->present], error);
}

/* Somebody waits for it, so a VM that does not run is started. Where qubesd does not tell, the
 * client will say what is wrong. */
static gboolean
wake (QfuRoute *route, GError **error)
{
  const QfuConfig *config = route->config;
  const char *vm = route->peers[route->present];
  gboolean running = TRUE;
  g_autofree char *text = NULL;

  if (route->awake || route->let_be || !route->transport->has_names ||
      !qfu_qubesd_running (config->qubesd_socket, vm, config->connect_seconds, &running, NULL) ||
      running)
    return TRUE;
  text = g_strdup_printf ("%s does not run and is started", route->title);
  if (route->notice != NULL)
    route->notice (text, route->user);
  return qfu_qubesd_start (config->qubesd_socket, vm, config->connect_seconds, error);
}

QfuProcess *
qfu_route_start (QfuRoute *route, GError **error)
{
  g_auto (GStrv) environment = g_get_environ ();
  g_auto (GStrv) argv = qfu_route_argv (route, error);

  if (argv == NULL || !wake (route, error))
    return NULL;
  route->awake = TRUE;
  QfuProcessSpec spec = {
      .argv = (const char *const *)argv, .envp = (const char *const *)environment, .what = argv[0]};
  return qfu_process_spawn (&spec, error);
}

gboolean
qfu_route_explain_exit (const QfuRoute *route, int status, GError **error)
{
  const char *vm = route->transport->has_names ? route->peers[route->present] : NULL;
  g_autoptr (GError) local = NULL;

  (void)qfu_agentexit_explain (route->config, vm, QFU_ROUTE_SERVICE, status, &local);
  return qfu_error_set (error, QFU_ERROR_UNREACHABLE, local->message);
}

gboolean
qfu_route_next (QfuRoute *route, const char *why)
{
  g_autofree char *before = NULL;
  g_autofree char *text = NULL;

  if (route->peers[route->present + 1] == NULL)
    return FALSE;
  before = g_steal_pointer (&route->title);
  route->present++;
  route->awake = FALSE;
  set_title (route);
  text = g_strdup_printf ("%s: %s; %s is tried instead", before, why, route->title);
  if (route->notice != NULL)
    route->notice (text, route->user);
  return TRUE;
}

/* (transfer full) (element-type utf8): those that are left and run. */
static GPtrArray *
running_peers (const QfuRoute *route, GError **error)
{
  const QfuConfig *config = route->config;
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);

  for (guint i = route->present; route->peers[i] != NULL; i++) {
    gboolean running = FALSE;
    g_autoptr (GError) local = NULL;

    if (!qfu_qubesd_running (config->qubesd_socket, route->peers[i], config->connect_seconds,
                             &running, &local) &&
        !g_error_matches (local, QFU_ERROR, QFU_ERROR_REFUSED)) {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
    if (running)
      g_ptr_array_add (found, g_strdup (route->peers[i]));
  }
  return g_steal_pointer (&found);
}

gboolean
qfu_route_keep_running (QfuRoute *route, gboolean may_start, GError **error)
{
  g_autoptr (GPtrArray) found = NULL;
  const QfuConfig *config = route->config;

  route->let_be = TRUE;
  if (!route->transport->has_names)
    return TRUE;
  found = running_peers (route, error);
  if (found == NULL)
    return FALSE;
  if (found->len == 0 && !may_start) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_RUNNING, "%s does not run", route->title);
    return FALSE;
  }
  if (found->len == 0)
    return qfu_qubesd_start (config->qubesd_socket, route->peers[route->present],
                             config->connect_seconds, error);
  g_ptr_array_add (found, NULL);
  g_strfreev (route->peers);
  route->peers = (char **)g_ptr_array_free (g_steal_pointer (&found), FALSE);
  route->present = 0;
  set_title (route);
  return TRUE;
}
