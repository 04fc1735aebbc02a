// SPDX-License-Identifier: MIT
module;
#include <array>
#include <fcntl.h>
export module forksafe.gunicorn.host;

export import forksafe.audit;

namespace forksafe {

// gunicorn 20.1: arbiter.py, workers/workertmp.py.
inline constexpr std::array gunicorn_descriptors{
    HostDescriptor{DescriptorKind::pipe, {}, O_NONBLOCK, "the arbiter wakes itself through it; a worker makes its own"},
    HostDescriptor{DescriptorKind::written_file, "/tmp/wgunicorn-", 0, "the worker's heartbeat: the arbiter reads its times only"},
    HostDescriptor{DescriptorKind::memory, "/dev/shm/wgunicorn-", 0, "the worker's heartbeat: the arbiter reads its times only"},
};

}  // namespace forksafe

export namespace forksafe {

inline constexpr HostProfile gunicorn_host{"gunicorn", gunicorn_descriptors, {}};

}  // namespace forksafe
