// SPDX-License-Identifier: MIT
export module forksafe.uwsgi.audit_profile;

export import forksafe.audit;

export namespace forksafe {

/// uWSGI 2.0.21 to 2.0.30: socketpair() in core/signal.c, utils.c, logging.c, gateway.c, alarm.c and emperor.c.
inline constexpr HostProfile uwsgi_profile{
    .program = "uwsgi", .socket_pairs = "uWSGI's processes tell each other of signals, messages and log lines through it"};

}  // namespace forksafe
