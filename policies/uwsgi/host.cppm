// SPDX-License-Identifier: MIT
module;
#include <array>
export module forksafe.uwsgi.host;

export import forksafe.audit;

namespace forksafe {

// uWSGI 2.0.21: core/uwsgi.c and core/signal.c.
inline constexpr std::array uwsgi_descriptors{
    HostDescriptor{DescriptorKind::family_socket, {}, 0, "the master and a worker tell each other of signals through it"},
};

}  // namespace forksafe

export namespace forksafe {

inline constexpr HostProfile uwsgi_host{"uwsgi", uwsgi_descriptors, {}};

}  // namespace forksafe
