// SPDX-License-Identifier: MIT
export module forksafe.uwsgi_python;

import forksafe.policy;
import forksafe.std;
import forksafe.uwsgi;

export namespace forksafe {

/// uWSGI 2.0.21 and later, seen from its Python plugin: a Python extension gets fewer hooks than a plugin in C++.
///
/// Facts of uWSGI 2.0.21 to 2.0.30 (plugins/python): `uwsgi.post_fork_hook` runs in workers, mules and spoolers;
/// `uwsgi.atexit` in workers, unless they are busy. Under --lazy-apps the application is loaded after both, in workers only.
struct UwsgiPythonPolicy {
  static constexpr std::string_view name = UwsgiPolicy::name;
  static constexpr std::string_view environment = UwsgiPolicy::environment;
  static constexpr std::string_view status = UwsgiPolicy::status;
  static constexpr auto const& log = UwsgiPolicy::log;
  static constexpr auto const& requirements = UwsgiPolicy::requirements;
  static constexpr std::string_view hook_suffix = UwsgiPolicy::hook_suffix;
  static constexpr Leaving leave = UwsgiPolicy::leave;
  static constexpr HandlerCalls handler_calls = UwsgiPolicy::handler_calls;
  static constexpr AuditProfile const& audit_profile = UwsgiPolicy::audit_profile;
  static constexpr auto const& processes = UwsgiPolicy::processes;
  static constexpr std::array wiring{
      emulated<ApplicationServerStarting>("load", "master"),
      emulated<ApplicationPreFork>("pthread_atfork_prepare", "master"),
      emulated<ApplicationPostForkParent>("pthread_atfork_parent", "master"),
      native<ApplicationPostFork>("post_fork", "worker, mule, spooler"),
      emulated<ApplicationPostWorkerInit>("post_fork", "worker"),
      emulated<ApplicationPostWorkerInit>("load", "worker"),
      emulated<ApplicationWorkerReady>("post_fork", "worker"),
      emulated<ApplicationWorkerReady>("load", "worker"),
      native<ApplicationWorkerExit>("atexit", "worker"),
      absent<ApplicationForkFailed>("uWSGI does not tell its Python plugin"),
      absent<ApplicationWorkerReaped>("uWSGI does not tell its Python plugin"),
      absent<ApplicationWorkerAbort>("uWSGI does not tell its Python plugin"),
      absent<ApplicationServerReady>("uWSGI does not tell its Python plugin"),
      absent<ApplicationServerReload>("uWSGI executes itself again, and Python with it"),
      absent<ApplicationServerExit>("the master ends without a word to its Python plugin"),
  };
};

}  // namespace forksafe

static_assert(forksafe::ContainerPolicy<forksafe::UwsgiPythonPolicy>);
static_assert(forksafe::support_of<forksafe::UwsgiPythonPolicy, forksafe::ApplicationPostFork> == forksafe::Support::native);
static_assert(!forksafe::emits<forksafe::UwsgiPythonPolicy, forksafe::ApplicationServerExit>);
