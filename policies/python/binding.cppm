// SPDX-License-Identifier: MIT
module;
#include <Python.h>
#include <string_view>
export module forksafe.python.binding;

import forksafe;
import forksafe.cpython;
import forksafe.celery.binding;
import forksafe.gunicorn.binding;
import forksafe.python;
import forksafe.std;
import forksafe.uwsgi_python.binding;

namespace forksafe::python {

/// Makes the module `forksafe.core` unless another extension has made it: a process has one application.
bool become_core(std::string_view name, PyObject* module) noexcept;

/// Looks for each container that can be found before it calls a hook.
template <class App, class... Policies>
void look_around(std::type_identity<AutoPolicy<Policies...>>) noexcept {
  (
      [] {
        if constexpr (requires { Part<App, Policies>::look(); }) Part<App, Policies>::look();
      }(),
      ...);
}

/// The extension of an application that several containers may load: its functions for Python code, beside the containers'
/// submodules.
template <class App>
struct Common {
  static inline constinit App* application = nullptr;

  template <class... Policies>
  static void tell_parts(std::type_identity<AutoPolicy<Policies...>>) noexcept {
    const auto tell = []<class Part> {
      if constexpr (requires { Part::subscribed(); }) Part::subscribed();
    };
    (tell.template operator()<Part<App, Policies>>(), ...);
  }

  /// Whether a subscription has a callable. None only records the event, so that no container has to warn of missing hooks.
  static bool is_callable_given(PyObject* arguments, PyObject* keywords) noexcept {
    PyObject* const second = PyTuple_Size(arguments) > 1 ? PyTuple_GetItem(arguments, 1)
                             : keywords != nullptr       ? PyDict_GetItemString(keywords, "callable")
                                                         : nullptr;
    return second != nullptr && second != Py_None;
  }

  static PyObject* add(PyObject*, PyObject* arguments, PyObject* keywords) noexcept {
    look_around<App>(std::type_identity<typename App::policy>{});
    PyObject* const number = subscribe(*application, arguments, keywords);
    if (number != nullptr && is_callable_given(arguments, keywords)) tell_parts(std::type_identity<typename App::policy>{});
    if (!restore_interruption()) return number;
    Py_XDECREF(number);
    return nullptr;
  }

  static PyObject* remove(PyObject*, PyObject* arguments) noexcept { return unsubscribe(arguments); }

  static PyObject* check(PyObject*, PyObject* arguments) noexcept {
    PyObject* callable = nullptr;
    char const* name = nullptr;
    if (PyArg_ParseTuple(arguments, "Os:check", &callable, &name) == 0 || !can_hear(callable, name)) return nullptr;
    return none();
  }

  static PyObject* finish(PyObject*, PyObject* result) noexcept try {
    std::string const text = unfinished(result);
    if (text.empty()) return none();
    PyErr_SetString(PyExc_TypeError, text.c_str());
    return nullptr;
  } catch (...) {
    return PyErr_NoMemory();
  }

  static PyObject* debug(PyObject*, PyObject*) noexcept try { return to_python_for_json(application->debug()); } catch (...) {
    return PyErr_NoMemory();
  }

  static PyObject* basics(PyObject*, PyObject*) noexcept try { return to_python(application->basics()); } catch (...) {
    return PyErr_NoMemory();
  }

  static PyObject* status(PyObject*, PyObject*) noexcept { return unicode(application->status()).release(); }

  static PyObject* report(PyObject*, PyObject*) noexcept try {
    return unicode(to_text(application->debug())).release();
  } catch (...) {
    return PyErr_NoMemory();
  }

  static PyObject* has_hook(PyObject*, PyObject* event) noexcept {
    return PyBool_FromLong(application->has_hook(ascii(event).value_or("")) ? 1 : 0);
  }

  static PyObject* on_failure(PyObject*, PyObject* choice) noexcept {
    std::string_view const text = ascii(choice).value_or("");
    if (text != "open" && text != "closed") {
      PyErr_SetString(PyExc_ValueError, "a failed worker is either 'closed' (it exits and is replaced) or 'open' (it serves)");
      return nullptr;
    }
    application->on_failure(text == "open" ? Failure::open : Failure::closed);
    return none();
  }

  static PyObject* redacted(PyObject*, PyObject* text) noexcept try {
    return unicode(redacted_text(shown(text))).release();
  } catch (...) {
    return PyErr_NoMemory();
  }

  static PyObject* audit(PyObject*, PyObject*) noexcept {
    application->audit();
    return none();
  }

  static inline PyMethodDef methods[]{
      {"subscribe", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(add)), METH_VARARGS | METH_KEYWORDS,
       "subscribe($module, event, callable, key, phase='application', deadline=None)\n--\n\nLets the callable hear the event."},
      {"unsubscribe", remove, METH_VARARGS, "unsubscribe($module, number, /)\n--\n\nEnds a subscription."},
      {"check", check, METH_VARARGS,
       "check($module, callable, name, /)\n--\n\nRaises TypeError for a callable that cannot hear events."},
      {"finish", finish, METH_O,
       "finish($module, result, /)\n--\n\nRaises TypeError for a result that nobody runs to its end, and closes it."},
      {"on_failure", on_failure, METH_O,
       "on_failure($module, choice, /)\n--\n\nWhat becomes of a worker in which a subscriber failed: closed or open."},
      {"debug", debug, METH_NOARGS, "debug($module, /)\n--\n\nThe debug object of this process, as a dict."},
      {"basics", basics, METH_NOARGS,
       "basics($module, /)\n--\n\nThe four keys of the debug object that are about this process alone, as a dict."},
      {"status", status, METH_NOARGS, "status($module, /)\n--\n\nThe status of the debug object."},
      {"report", report, METH_NOARGS, "report($module, /)\n--\n\nThe debug object of this process, as text."},
      {"has_hook", has_hook, METH_O,
       "has_hook($module, event, /)\n--\n\nWhether the container has a hook of its own for the event."},
      {"redacted", redacted, METH_O, "redacted($module, text, /)\n--\n\nThe text as it may be shown, without secrets."},
      {"audit", audit, METH_NOARGS, "audit($module, /)\n--\n\nFinds what this worker inherited and must not use."},
      {nullptr, nullptr, 0, nullptr}};

  static inline PyModuleDef definition{PyModuleDef_HEAD_INIT,
                                       nullptr,
                                       "A forksafe application for whichever container loads it.",
                                       -1,
                                       methods,
                                       nullptr,
                                       nullptr,
                                       nullptr,
                                       nullptr};
};

template <class App, class Policy>
bool add_part(PyObject* module, App& application) {
  Reference part{Part<App, Policy>::make(application)};
  if (!part || PyModule_AddObject(module, std::string{Policy::name}.c_str(), part.get()) != 0) return false;
  // PyModule_AddObject has taken the reference.
  static_cast<void>(part.release());
  return true;
}

template <class App, class... Policies>
bool add_parts(PyObject* module, App& application, std::type_identity<AutoPolicy<Policies...>>) {
  return (add_part<App, Policies>(module, application) && ...);
}

}  // namespace forksafe::python

export namespace forksafe::python {

/// Implements PyInit_NAME of the extension NAME: makes the application, once in a process, and the module around it, with a
/// submodule for each container that may load it. From then on the extension is `forksafe.core`, the core of the Python
/// package. Returns null with ImportError if that fails, or if the package has its core already.
template <RunnableApp App>
PyObject* initialise(char const* name) noexcept try {
  using Common = Common<App>;
  if (Common::application == nullptr) {
    Common::application = new App{name};
    Common::application->load();
  }
  Common::definition.m_name = name;
  Reference module{PyModule_Create(&Common::definition)};
  if (!module || !add_parts(module.get(), *Common::application, std::type_identity<typename App::policy>{})) return nullptr;
  return become_core(name, module.get()) ? module.release() : nullptr;
} catch (std::exception const& exception) {
  return PyErr_Format(PyExc_ImportError, "the application %s cannot be made: %s", name, exception.what());
} catch (...) {
  return PyErr_Format(PyExc_ImportError, "the application %s cannot be made: its constructor threw", name);
}

}  // namespace forksafe::python
