/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-cargo.h"

#include "qfu-print.h"

/* One of @verified and @rebuilt is there, the other %NULL. */
struct _QfuCargo {
  QfuVerifiedCab *verified;
  const QfuRelease *release;
  const char *firmware_keys;
  QfuVerifiedRom *rom; /* %NULL until it is asked for */
  QfuRebuiltCab *rebuilt;
};

QfuCargo *
qfu_cargo_of_verified (QfuVerifiedCab *cab, const QfuRelease *release, const char *firmware_keys)
{
  QfuCargo *cargo = g_new0 (QfuCargo, 1);

  cargo->verified = cab;
  cargo->release = release;
  cargo->firmware_keys = firmware_keys;
  return cargo;
}

QfuCargo *
qfu_cargo_of_rebuilt (QfuRebuiltCab *cab)
{
  QfuCargo *cargo = g_new0 (QfuCargo, 1);

  cargo->rebuilt = cab;
  return cargo;
}

void
qfu_cargo_free (QfuCargo *cargo)
{
  if (cargo == NULL)
    return;
  qfu_verified_cab_free (cargo->verified);
  qfu_verified_rom_free (cargo->rom);
  qfu_rebuilt_cab_free (cargo->rebuilt);
  g_free (cargo);
}

const QfuUntrustedBlob *
qfu_cargo_cab (const QfuCargo *cargo)
{
  return cargo->rebuilt != NULL ? qfu_rebuilt_cab_blob (cargo->rebuilt)
                                : qfu_verified_cab_blob (cargo->verified);
}

const QfuVerifiedCab *
qfu_cargo_verified (const QfuCargo *cargo)
{
  return cargo->verified;
}

const char *
qfu_cargo_firmware_keys (const QfuCargo *cargo)
{
  return cargo->firmware_keys;
}

const char *
qfu_cargo_version (const QfuCargo *cargo)
{
  return cargo->rebuilt != NULL
             ? qfu_cab_content_release (qfu_rebuilt_cab_content (cargo->rebuilt))->version
             : qfu_release_version (cargo->release);
}

const QfuCabContent *
qfu_cargo_content (const QfuCargo *cargo)
{
  return cargo->rebuilt != NULL ? qfu_rebuilt_cab_content (cargo->rebuilt) : NULL;
}

const QfuComponentRelease *
qfu_cargo_release (const QfuCargo *cargo)
{
  return cargo->rebuilt != NULL ? qfu_cab_content_release (qfu_rebuilt_cab_content (cargo->rebuilt))
                                : qfu_release_data (cargo->release);
}

const QfuComponent *
qfu_cargo_component (const QfuCargo *cargo)
{
  return cargo->rebuilt != NULL
             ? qfu_cab_content_component (qfu_rebuilt_cab_content (cargo->rebuilt))
             : qfu_release_component (cargo->release);
}

const QfuVerifiedRom *
qfu_cargo_rom (QfuCargo *cargo, const QfuConfig *config, GError **error)
{
  if (cargo->rom == NULL)
    cargo->rom = qfu_cab_extract_rom (config, cargo->verified, cargo->release, error);
  return cargo->rom;
}

const QfuUntrustedBlob *
qfu_cargo_payload (QfuCargo *cargo, const QfuConfig *config, GError **error)
{
  const QfuVerifiedRom *rom;

  if (cargo->rebuilt != NULL)
    return qfu_cab_content_payload (qfu_rebuilt_cab_content (cargo->rebuilt))->blob;
  rom = qfu_cargo_rom (cargo, config, error);
  return rom == NULL ? NULL : qfu_verified_rom_blob (rom);
}

static gboolean
ask_local (const QfuCargo *cargo, const QfuOptions *options, const char *question, GError **error)
{
  const QfuCabItem *payload = qfu_cab_content_payload (qfu_rebuilt_cab_content (cargo->rebuilt));
  g_autofree char *time = qfu_time_text (qfu_signature_time (payload->signature));

  qfu_say (options, "No metadata names this file. What is known of it is a signature:");
  qfu_say (options, "  signed by %s", qfu_signature_subject (payload->signature));
  qfu_say (options, "  on %s, for %s", time, qfu_signature_authority (payload->signature));
  qfu_say (options,
           "It may be old, withdrawn, or never meant for the public: nothing here can tell.");
  qfu_say (options, "fwupd gets a cab with its signed files alone.");
  return qfu_ask_person (options, question, error);
}

gboolean
qfu_cargo_ask (const QfuCargo *cargo,
               const QfuOptions *options,
               const char *device,
               gboolean person,
               GError **error)
{
  g_autofree char *question =
      g_strdup_printf ("Install %s on %s%s?", qfu_cargo_version (cargo), device,
                       cargo->rebuilt != NULL ? " all the same" : "");

  if (cargo->rebuilt != NULL)
    return ask_local (cargo, options, question, error);
  return person ? qfu_ask_person (options, question, error) : qfu_ask (options, question, error);
}
