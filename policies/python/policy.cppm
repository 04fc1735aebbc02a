// SPDX-License-Identifier: MIT
export module forksafe.python;

import forksafe.policy;
export import forksafe.celery;
export import forksafe.gunicorn;
export import forksafe.uwsgi_python;

export namespace forksafe {

/// The policy of an extension for all containers that run Python, such as that of the Python package forksafe.
using PythonPolicy = AutoPolicy<UwsgiPythonPolicy, GunicornPolicy, CeleryPolicy>;

}  // namespace forksafe

static_assert(forksafe::ContainerPolicy<forksafe::PythonPolicy>);
static_assert(forksafe::emits<forksafe::PythonPolicy, forksafe::ApplicationPreFork>);
static_assert(forksafe::emits<forksafe::PythonPolicy, forksafe::ApplicationPostFork>);
static_assert(!forksafe::emits<forksafe::PythonPolicy, forksafe::ApplicationForkFailed>);
