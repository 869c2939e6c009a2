/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every limit of op `cab`, and cabinets that are known to kill, or to mislead, their readers. */
#include "cab.h"
#include "limit.h"
#include "qfu-writer.h"

#include <gio/gio.h>
#include <string.h>

#define BLOCK 32768
#define FOLDERS 36 /* where the table of folders begins */
#define MSZIP 1

/* A cabinet under construction: its tables, then its data. */
typedef struct {
  GByteArray *files;
  GByteArray *data;
  guint n_files;
  guint n_folders;
  guint n_blocks;     /* of each folder */
  guint compression;  /* of each folder */
  gboolean one_place; /* all folders are of the same data */
} Builder;

static Builder
builder_new (guint n_folders, guint n_blocks, guint compression)
{
  return (Builder){.files = g_byte_array_new (),
                   .data = g_byte_array_new (),
                   .n_folders = n_folders,
                   .n_blocks = n_blocks,
                   .compression = compression};
}

static void
add_file (Builder *b, const char *name, guint folder, guint32 offset, guint32 size)
{
  qfu_writer_u32 (b->files, size);
  qfu_writer_u32 (b->files, offset);
  qfu_writer_u16 (b->files, (guint16)folder);
  qfu_writer_u16 (b->files, 0x5a21);
  qfu_writer_u16 (b->files, 0);
  qfu_writer_u16 (b->files, 0x20);
  qfu_writer_bytes (b->files, name, strlen (name) + 1);
  b->n_files++;
}

static void
add_block (Builder *b, const void *packed, gsize n_packed, gsize n_plain)
{
  qfu_writer_u32 (b->data, 0); /* no checksum */
  qfu_writer_u16 (b->data, (guint16)n_packed);
  qfu_writer_u16 (b->data, (guint16)n_plain);
  qfu_writer_bytes (b->data, packed, n_packed);
}

static GBytes *
builder_end (Builder *b)
{
  GByteArray *cab = g_byte_array_new ();
  gsize files_at = FOLDERS + 8 * (gsize)b->n_folders;
  gsize data_at = files_at + b->files->len;
  gsize stride = b->one_place ? 0 : b->data->len / b->n_folders;

  qfu_writer_bytes (cab, "MSCF\0\0\0\0", 8);
  qfu_writer_u32 (cab, (guint32)(data_at + b->data->len));
  qfu_writer_u32 (cab, 0);
  qfu_writer_u32 (cab, (guint32)files_at);
  qfu_writer_u32 (cab, 0);
  qfu_writer_u16 (cab, 0x0103);
  qfu_writer_u16 (cab, (guint16)b->n_folders);
  qfu_writer_u16 (cab, (guint16)b->n_files);
  qfu_writer_bytes (cab, "\0\0\0\0\0\0", 6);
  for (guint i = 0; i < b->n_folders; i++) {
    qfu_writer_u32 (cab, (guint32)(data_at + i * stride));
    qfu_writer_u16 (cab, (guint16)b->n_blocks);
    qfu_writer_u16 (cab, (guint16)b->compression);
  }
  g_byte_array_append (cab, b->files->data, b->files->len);
  g_byte_array_append (cab, b->data->data, b->data->len);
  g_byte_array_unref (b->files);
  g_byte_array_unref (b->data);
  return g_byte_array_free_to_bytes (cab);
}

static GBytes *
make_members (guint64 n)
{
  Builder b = builder_new (1, 1, 0);
  g_autofree char *plain = g_strnfill (n, 'x');

  for (guint i = 0; i < n; i++) {
    g_autofree char *name = g_strdup_printf ("%u", i);

    add_file (&b, name, 0, i, 1);
  }
  add_block (&b, plain, n, n);
  return builder_end (&b);
}

static GBytes *
make_folders (guint64 n)
{
  Builder b = builder_new ((guint)n, 1, 0);

  /* one member a folder, as far as there may be members; folders without one are none's affair */
  for (guint i = 0; i < MIN (n, QFU_CAB_MEMBERS_MAX); i++) {
    g_autofree char *name = g_strdup_printf ("%u", i);

    add_file (&b, name, i, 0, 1);
  }
  for (guint i = 0; i < n; i++)
    add_block (&b, "x", 1, 1);
  return builder_end (&b);
}

static GBytes *
make_name (guint64 n)
{
  Builder b = builder_new (1, 1, 0);
  g_autofree char *name = g_strnfill (n, 'n');

  add_file (&b, name, 0, 0, 1);
  add_block (&b, "x", 1, 1);
  return builder_end (&b);
}

/* A block of zeros as MSZIP has it: "CK", then a deflate stream of its own. */
static gsize
zip_zeros (guint8 *out, gsize room)
{
  static const guint8 zeros[BLOCK];
  g_autoptr (GZlibCompressor) raw = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_RAW, 9);
  gsize used;
  gsize made;

  out[0] = 'C';
  out[1] = 'K';
  g_assert_cmpint (g_converter_convert (G_CONVERTER (raw), zeros, sizeof zeros, out + 2, room - 2,
                                        G_CONVERTER_INPUT_AT_END, &used, &made, NULL),
                   ==, G_CONVERTER_FINISHED);
  return made + 2;
}

static Builder
zeros_new (guint n_folders, guint n_blocks)
{
  Builder b = builder_new (n_folders, n_blocks, MSZIP);
  guint8 packed[256];
  gsize size = zip_zeros (packed, sizeof packed);

  b.one_place = TRUE;
  for (guint i = 0; i < n_blocks; i++)
    add_block (&b, packed, size, BLOCK);
  return b;
}

static GBytes *
make_blocks (guint64 n)
{
  Builder b = zeros_new (1, (guint)n);

  add_file (&b, "a", 0, 0, 1);
  return builder_end (&b);
}

/* Half a megabyte that unpacks to 256 MiB: that much is allowed. */
static GBytes *
make_total (guint64 n)
{
  Builder b = zeros_new (1, (guint)(n / BLOCK) + 1);

  add_file (&b, "most", 0, 0, (guint32)n - 1);
  add_file (&b, "rest", 0, (guint32)n - 1, 1);
  return builder_end (&b);
}

static const LimitCase limits[] = {
    {"/cab/limit/members", QFU_CAB_MEMBERS_MAX, make_members, QFU_ERROR_LIMIT},
    {"/cab/limit/folders", QFU_CAB_FOLDERS_MAX, make_folders, QFU_ERROR_LIMIT},
    {"/cab/limit/blocks", QFU_CAB_BLOCKS_MAX, make_blocks, QFU_ERROR_LIMIT},
    {"/cab/limit/total", QFU_CAB_TOTAL_MAX, make_total, QFU_ERROR_LIMIT},
    {"/cab/limit/name", QFU_CAB_NAME_MAX, make_name, QFU_ERROR_FORMAT},
};

/* The largest cabinet that a worker is given, and a larger one, which it has to refuse itself. */
static void
test_size (void)
{
  for (guint past = 0; past <= 1; past++) {
    const gsize size = QFU_CAB_SIZE_MAX + past;
    g_autoptr (GBytes) head = make_members (1);
    gsize n_head = g_bytes_get_size (head);
    guint8 *cab = limit_sparse (size, g_bytes_get_data (head, NULL), n_head, NULL, 0);
    guint32 stated = GUINT32_TO_LE ((guint32)size);
    const QfuParseInput input = {cab, size};
    g_auto (LimitOutcome) outcome = {0};

    memcpy (cab + 8, &stated, sizeof stated);
    outcome = limit_run ("cab", 0, &input, 1);
    limit_sparse_free (cab, size);
    if (past)
      g_assert_error (outcome.error, QFU_ERROR, QFU_ERROR_LIMIT);
    else
      g_assert_no_error (outcome.error);
  }
}

static void
assert_outcome (GBytes *cab, guint64 flags, int code)
{
  QfuParseInput input;
  g_auto (LimitOutcome) outcome = {0};

  input.data = g_bytes_get_data (cab, &input.size);
  outcome = limit_run ("cab", flags, &input, 1);
  if (code == 0)
    g_assert_no_error (outcome.error);
  else
    g_assert_error (outcome.error, QFU_ERROR, code);
}

/* Members at the end of 64 folders that are all made of the same 400 kB: 16 GiB to unpack. */
static void
test_folders_of_one_place (void)
{
  Builder b = zeros_new (QFU_CAB_FOLDERS_MAX, 8192);
  g_autoptr (GBytes) cab = NULL;

  for (guint i = 0; i < QFU_CAB_FOLDERS_MAX; i++) {
    g_autofree char *name = g_strdup_printf ("%u", i);

    add_file (&b, name, i, 8192u * BLOCK - 1, 1);
  }
  cab = builder_end (&b);
  g_assert_cmpuint (g_bytes_get_size (cab), <, 1024 * 1024);
  assert_outcome (cab, 0, QFU_ERROR_LIMIT);
}

/* Offsets and sizes whose sums leave 32 bits, folders that are not there or continue in another
 * cabinet, and members that lie over one another or behind the data. */
static void
test_members (void)
{
  static const struct {
    guint folder;
    guint32 offset;
    guint32 size;
  } cases[] = {
      {0, 0, 0xffffffff}, {0, 0xffffffff, 1}, {0, 0xfffffff0, 16}, {0, 4, 1},
      {0, 0x7fff8000, 1}, {0, 0, 4},          {0, 2, 2},           {1, 0, 1},
      {0xfffd, 0, 1},     {0xfffe, 0, 1},     {0xffff, 0, 1},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    Builder b = builder_new (1, 1, 0);
    g_autoptr (GBytes) cab = NULL;

    add_file (&b, "first", 0, 0, 4);
    add_file (&b, "second", cases[i].folder, cases[i].offset, cases[i].size);
    add_block (&b, "data", 4, 4);
    cab = builder_end (&b);
    g_test_message ("case %zu", i);
    assert_outcome (cab, 0, QFU_ERROR_FORMAT);
    assert_outcome (cab, QFU_CAB_EXACT, QFU_ERROR_FORMAT);
  }
}

/* Data blocks that state anything. */
static void
test_blocks (void)
{
  static const struct {
    guint at; /* of the block's header */
    guint16 value;
  } cases[] = {{4, 0}, {4, 0xffff}, {4, 5}, {6, 0}, {6, 0xffff}, {6, 3}};

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    for (guint compression = 0; compression <= MSZIP; compression++) {
      Builder b = builder_new (1, 1, compression);
      g_autoptr (GBytes) cab = NULL;

      add_file (&b, "a", 0, 0, 4);
      add_block (&b, "data", 4, 4);
      b.data->data[cases[i].at] = (guint8)cases[i].value;
      b.data->data[cases[i].at + 1] = (guint8)(cases[i].value >> 8);
      cab = builder_end (&b);
      g_test_message ("case %zu, compression %u", i, compression);
      assert_outcome (cab, 0, QFU_ERROR_FORMAT);
    }
  }
}

/* Names that mean a place, a drive, another encoding, or speak to a terminal. */
static void
test_names (void)
{
  g_autofree char *thousand = g_strnfill (1000, 'n');
  const char *const names[] = {
      "/etc/passwd",  "../a",  "..\\a", "a/../../b", "C:\\a", "\\\\host\\a", "a/",
      "..",           ".",     "",      "\x1b[2J",   "a\rb",  "caf\xc3\xa9", "\xff",
      "\xe2\x80\xae", "a\x7f", "a\tb",  thousand,    "./a",   "a\\..\\b",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    Builder b = builder_new (1, 1, 0);
    g_autoptr (GBytes) cab = NULL;

    add_file (&b, names[i], 0, 0, 1);
    add_block (&b, "x", 1, 1);
    cab = builder_end (&b);
    assert_outcome (cab, 0, QFU_ERROR_FORMAT);
    assert_outcome (cab, QFU_CAB_EXACT, QFU_ERROR_FORMAT);
  }
}

/* What others found in readers of cabinets; {file, as it comes, exact}. */
static void
test_fixtures (void)
{
  static const struct {
    const char *name;
    int code;
    int exact;
  } verdicts[] = {
#define F QFU_ERROR_FORMAT
#define U QFU_ERROR_UNSUPPORTED
      {"CVE-2014-9732.cab", F, F},
      {"bad_nofiles.cab", F, U},
      {"bad_signature.cab", F, F},
      {"cve-2014-9556-qtm-infinite-loop.cab", U, U},
      {"cve-2015-4470-mszip-over-read.cab", F, F},
      {"cve-2017-11423-fname-overread.cab", F, U},
      {"filename-read-violation-1.cab", F, U},
      {"filename-read-violation-3.cab", F, F},
      {"lzx-main-tree-no-lengths.cab", U, U},
      {"mszip_lzx_qtm.cab", U, U},
      {"multi_basic_pt2.cab", U, U},
      {"multi_basic_pt4.cab", U, U},
      {"normal_255c_filename.cab", 0, U},
      {"normal_2files_2folders.cab", U, U},
      {"partial_nofiles.cab", F, F},
      {"partial_shortextheader.cab", F, F},
      {"partial_shortfile2.cab", F, F},
      {"partial_shortheader.cab", F, F},
      {"partial_str_noninfo.cab", F, F},
      {"partial_str_nopinfo.cab", F, F},
      {"partial_str_shortfname.cab", F, F},
      {"partial_str_shortnname.cab", F, F},
      {"partial_str_shortpname.cab", F, F},
      {"reserve_--D.cab", F, U},
      {"reserve_-FD.cab", F, U},
      {"reserve_H-D.cab", F, U},
      {"reserve_HFD.cab", F, U},
      {"search_tricky1.cab", F, F},
      {"test-mszip.cab", 0, 0},
      {"test-none.cab", 0, 0},
      {"test_read_format_cab_2.cab", F, U},
#undef F
#undef U
  };
  g_autofree char *path = qfu_fixture ("cabs");
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  g_assert_cmpuint (n, ==, G_N_ELEMENTS (verdicts));
  for (gsize i = 0; i < G_N_ELEMENTS (verdicts); i++) {
    g_autofree char *relative = g_build_filename ("cabs", verdicts[i].name, NULL);
    g_autoptr (GBytes) cab = qfu_fixture_bytes (relative);

    g_test_message ("%s", verdicts[i].name);
    assert_outcome (cab, 0, verdicts[i].code);
    assert_outcome (cab, QFU_CAB_EXACT, verdicts[i].exact);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  limit_add ("cab", 0, limits, G_N_ELEMENTS (limits));
  g_test_add_func ("/cab/limit/size", test_size);
  g_test_add_func ("/cab/killer/folders-of-one-place", test_folders_of_one_place);
  g_test_add_func ("/cab/killer/members", test_members);
  g_test_add_func ("/cab/killer/blocks", test_blocks);
  g_test_add_func ("/cab/killer/names", test_names);
  g_test_add_func ("/cab/killer/fixtures", test_fixtures);
  return g_test_run ();
}
