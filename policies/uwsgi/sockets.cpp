// SPDX-License-Identifier: MIT
module;
#include "uwsgi_server.h"
module forksafe.uwsgi.binding;

import forksafe;
import forksafe.audit;
import forksafe.std.operators;
import forksafe.uwsgi;

namespace forksafe::uwsgi {
namespace {

/// Never destroyed, because children run the exit handlers of their parents.
constinit std::vector<Declaration>* declared = nullptr;

}  // namespace

// All sockets that uWSGI leaves open in a worker: core/master_utils.c of uWSGI 2.0.21 to 2.0.30, and core/gateway.c.
void declare_own_sockets() noexcept {
  try {
    std::vector<Declaration> declarations;
    auto const declare = [&](int const(&ends)[2]) {
      for (int const end : ends)
        if (end > 2) declarations.push_back(declare_shared(end, UwsgiPolicy::audit_profile.socket_pairs));
    };
    auto const& shared = *::uwsgi.shared;
    for (auto const* ends : {&shared.worker_signal_pipe, &shared.spooler_signal_pipe, &shared.mule_signal_pipe,
                             &shared.mule_queue_pipe, &shared.worker_log_pipe, &shared.worker_req_log_pipe})
      declare(*ends);
    for (int worker = 1; worker <= ::uwsgi.numproc; ++worker) declare(::uwsgi.workers[worker].signal_pipe);
    for (uwsgi_spooler const* spooler = ::uwsgi.spoolers; spooler != nullptr; spooler = spooler->next)
      declare(spooler->signal_pipe);
    for (int mule = 0; mule != ::uwsgi.mules_cnt; ++mule) {
      declare(::uwsgi.mules[mule].signal_pipe);
      declare(::uwsgi.mules[mule].queue_pipe);
    }
    for (int farm = 0; farm != ::uwsgi.farms_cnt; ++farm) {
      declare(::uwsgi.farms[farm].signal_pipe);
      declare(::uwsgi.farms[farm].queue_pipe);
    }
    for (int gateway = 0; gateway != shared.gateways_cnt; ++gateway)
      declare(shared.gateways[gateway].internal_subscription_pipe);
    if (declared == nullptr) declared = new std::vector<Declaration>;
    *declared = std::move(declarations);
  } catch (...) {
    log_line("no memory to tell the audit of uWSGI's own sockets");
  }
}

}  // namespace forksafe::uwsgi
