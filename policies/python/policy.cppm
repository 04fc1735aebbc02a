// SPDX-License-Identifier: MIT
export module forksafe.python;

import forksafe.policy;
export import forksafe.celery;
export import forksafe.gunicorn;
export import forksafe.uwsgi_python;

export namespace forksafe {

/// Any container that runs Python: one extension for all of them, as the Python package forksafe has it.
using PythonPolicy = AutoPolicy<UwsgiPythonPolicy, GunicornPolicy, CeleryPolicy>;

}  // namespace forksafe

static_assert(forksafe::ContainerPolicy<forksafe::PythonPolicy>);
static_assert(forksafe::emits<forksafe::PythonPolicy, forksafe::ApplicationPreFork>);
static_assert(forksafe::emits<forksafe::PythonPolicy, forksafe::ApplicationPostFork>);
static_assert(!forksafe::emits<forksafe::PythonPolicy, forksafe::ApplicationForkFailed>);
