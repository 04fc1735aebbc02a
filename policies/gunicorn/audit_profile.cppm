// SPDX-License-Identifier: MIT
module;
#include <array>
#include <fcntl.h>
export module forksafe.gunicorn.audit_profile;

export import forksafe.audit;

namespace forksafe {

// gunicorn 20.1: arbiter.py, workers/workertmp.py. Nothing of the arbiter's control socket crosses a fork, because from 25.2
// on ctl/server.py (27.0.1) ends its thread before each; 25.1 forks beside it, and then it is a finding.
inline constexpr std::array gunicorn_descriptors{
    HostDescriptor{DescriptorKind::pipe, {}, O_NONBLOCK, "the arbiter wakes itself through it; a worker makes its own"},
    HostDescriptor{DescriptorKind::written_file, "/tmp/wgunicorn-", 0,
                   "the worker's heartbeat: the arbiter reads its times only"},
    HostDescriptor{DescriptorKind::memory, "/dev/shm/wgunicorn-", 0,
                   "the worker's heartbeat: the arbiter reads its times only"},
};

}  // namespace forksafe

export namespace forksafe {

inline constexpr HostProfile gunicorn_profile{"gunicorn", gunicorn_descriptors, {}};

}  // namespace forksafe
