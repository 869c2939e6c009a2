/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz-subject.h"

#include "image.h"
#include "qfu-fd.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

QfuUntrustedBlob *
fuzz_subject (void)
{
  static const guint32 registers[] = {IMAGE_FLREG (0, 4096),
                                      IMAGE_FLREG (4096, FUZZ_SUBJECT_SIZE - 4096)};
  static const ImageArea areas[] = {
      {"FMAP", 4096, 512}, {"COREBOOT", 4608, 50000}, {"FW_MAIN_A", 60512, 64}};
  GByteArray *image = image_new (FUZZ_SUBJECT_SIZE);
  QfuBlobBuilder *builder = qfu_blob_builder_new (FUZZ_SUBJECT_SIZE, NULL);

  image_descriptor (image, 16, registers, G_N_ELEMENTS (registers), 0);
  image_fmap (image, 4096, areas, G_N_ELEMENTS (areas));
  g_assert_cmpuint (image_unused (image, 4608, FUZZ_SUBJECT_UNUSED_SIZE), ==, FUZZ_SUBJECT_UNUSED);
  g_assert_true (qfu_blob_builder_append (builder, image->data, image->len, NULL));
  g_byte_array_unref (image);
  return qfu_blob_builder_finish (builder, NULL);
}

QfuConfig *
fuzz_configuration (void)
{
  static const char text[] = "[Transport]\nType=exec\nCommand=/bin/true\n"
                             "[Usb]\nCommand=/bin/true\n";
  g_auto (QfuFd) fd = memfd_create ("config", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autoptr (GError) error = NULL;
  QfuConfig *config;

  g_assert_cmpint (fchmod (fd, 0600), ==, 0); /* nobody else may write the settings */
  g_assert_cmpint (write (fd, text, strlen (text)), ==, (gssize)strlen (text));
  g_assert_true (g_setenv ("QFU_CONFIG", path, TRUE));
  config = qfu_config_load (&error);
  g_assert_no_error (error);
  return config;
}
