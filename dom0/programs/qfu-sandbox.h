/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* AddressSanitizer reserves terabytes of address space: where it is built in, RLIMIT_AS cannot be
 * set. gcc says that it is by a macro, clang by a feature. */
#ifdef __SANITIZE_ADDRESS__
#define QFU_SANDBOX_NO_MEMORY_LIMIT
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define QFU_SANDBOX_NO_MEMORY_LIMIT
#endif
#endif

/**
 * QfuSandboxSpec:
 * @change_user: whether the process is root and becomes @uid and @gid
 * @uid: whom it becomes; never 0 and never the overflow user
 * @gid: its only group
 * @memory: RLIMIT_AS in bytes
 * @cpu: RLIMIT_CPU in seconds
 *
 * What the lock-down of one process needs to know. Filled by qfu_sandbox_spec_init() only.
 */
typedef struct {
  gboolean change_user;
  uid_t uid;
  gid_t gid;
  guint64 memory;
  guint cpu;
} QfuSandboxSpec;

/**
 * qfu_sandbox_spec_init:
 * @spec: (out): what qfu_sandbox_lock() will do
 * @user: `UID:GID` from qfu_worker_user(); read only when this process is root
 * @memory: bytes of address space
 * @cpu: seconds of processor time
 * @error: #QFU_ERROR_SANDBOX
 *
 * Root, and `nobody`, whom unrelated programs share, are refused. A process that is not root keeps
 * its uid; every other step stays.
 */
gboolean qfu_sandbox_spec_init (QfuSandboxSpec *spec,
                                const char *user,
                                guint64 memory,
                                guint cpu,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_sandbox_lock:
 * @spec: from qfu_sandbox_spec_init()
 * @error: #QFU_ERROR_SANDBOX naming the step that failed
 *
 * Takes everything away from this process but its memory and descriptors 0 to 2, for ever: other
 * descriptors, the environment, the user and its groups, resources, new privileges, files (landlock
 * without rules) and system calls (seccomp). A process in which it failed must end.
 *
 * System calls that no parser needs fail with EPERM; those that only an intruder wants (to run a
 * program, to start a process, to reach the network or another process) kill the process.
 */
gboolean qfu_sandbox_lock (const QfuSandboxSpec *spec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
