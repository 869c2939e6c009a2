/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <gnutls/abstract.h>

/* What GnuTLS makes, freed where it goes out of scope. */

typedef gnutls_datum_t QfuDatum;

static inline void
qfu_datum_clear (QfuDatum *datum)
{
  gnutls_free (datum->data);
}

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_pubkey_t, gnutls_pubkey_deinit, NULL)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (QfuDatum, qfu_datum_clear)
