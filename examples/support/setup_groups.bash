# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The packages of each group of examples/setup.

wanted=()
declare -A least probe reason

# need PACKAGE LEAST_VERSION PROBE REASON; the probe is used on systems whose package names are not listed here.
need() {
  if [[ ${reason[$1]:-} ]]; then return; fi
  wanted+=("$1")
  least[$1]=$2 probe[$1]=$3 reason[$1]=$4
}

add_group() {
  case $1 in
    package)
      need clang-19 '' 'program clang++-19' 'the compiler'
      need clang-tools-19 '' 'program clang-scan-deps-19' 'tells CMake which module imports which'
      need cmake 3.28 'program cmake' 'the first version that builds C++20 modules'
      need ninja-build 1.11 'program ninja' 'the first version that orders C++20 modules'
      need "libboost$boost-dev" 1.81 'header boost/version.hpp' 'Hana, Beast and Asio'
      need "libboost-json$boost-dev" 1.81 'library boost_json' 'the debug object as JSON'
      ;;
    build)
      add_group package
      need libclang-rt-19-dev '' 'runtime clang++-19' 'the runtimes of the sanitizers'
      need "libboost-test$boost-dev" 1.81 'library boost_unit_test_framework' 'the unit tests'
      need python3 '' 'program python3' 'the helpers of the tests and examples'
      ;;
    standalone)
      need "libboost-program-options$boost-dev" 1.81 'library boost_program_options' 'the command line of the embedded server'
      ;;
    uwsgi)
      need uwsgi-core '' 'program uwsgi' 'the container; also prints its own header and compiler flags'
      need uwsgi-plugin-python3 '' 'uwsgi-plugin python' 'runs Python applications in uWSGI'
      need python3 '' 'program python3' 'the host of the application'
      ;;
    gunicorn)
      need gunicorn '' 'program gunicorn' 'the container'
      need python3-dev '' 'python-header Python.h' 'the extension module is compiled against it'
      ;;
    celery)
      need python3-celery '' 'python-module celery' 'the container'
      need python3-redis '' 'python-module redis' 'Celery'"'"'s way to Redis'
      need python3-dev '' 'python-header Python.h' 'the extension module is compiled against it'
      need redis-server '' 'program redis-server' 'a broker of Celery'"'"'s tests'
      need rabbitmq-server '' 'file /usr/lib/rabbitmq/bin/rabbitmq-server' 'the broker of the example, and of tests'
      need openssl '' 'program openssl' 'the certificate of RabbitMQ'"'"'s second port'
      ;;
    pyramid)
      need python3-dev '' 'python-header Python.h' 'the Python package is compiled against it'
      need python3-venv '' 'python-module ensurepip' 'the environment of the application'
      need postgresql '' 'program psql' 'the database of the example'
      need openssl '' 'program openssl' 'the certificate of that server'
      ;;
    test)
      need clang-format-19 '' 'program clang-format-19' 'checks how the sources are laid out'
      need valgrind '' 'program valgrind' 'checks memory across a fork'
      need python3-venv '' 'python-module ensurepip' 'containers in versions other than the packaged one, and the Python package'
      need curl '' 'program curl' 'requests to the servers under test'
      need ca-certificates '' 'file /etc/ssl/certs' 'lets pip and curl verify what they download'
      need procps '' 'program ps' 'looks at the processes of the servers under test'
      ;;
    browser)
      need chromium '' 'program chromium' 'looks at the page that applications serve'
      need python3-venv '' 'python-module ensurepip' 'Playwright, which drives it'
      ;;
    resources)
      need pkg-config '' 'program pkg-config' 'finds the libraries below'
      need libpq-dev '' 'package libpq' 'resource component libpq'
      need libhiredis-dev '' 'package hiredis' 'resource component hiredis'
      need librabbitmq-dev '' 'package librabbitmq' 'resource component rabbitmq'
      need libsqlite3-dev '' 'package sqlite3' 'resource component sqlite'
      need liblmdb-dev '' 'package lmdb' 'resource component lmdb'
      need libssl-dev '' 'package openssl' 'resource component openssl'
      need libcurl4-openssl-dev '' 'package libcurl' 'resource component libcurl'
      need libuv1-dev '' 'package libuv' 'resource component libuv'
      need libevent-dev '' 'package libevent' 'resource component libevent'
      need libspdlog-dev '' 'package spdlog' 'resource component spdlog'
      need gcc '' 'program gcc' 'the OpenMP runtime that resource component openmp is for'
      need libomp-19-dev '' 'library omp' 'resource component openmp'
      need python3-dev '' 'python-header Python.h' 'resource component python'
      need postgresql '' 'program psql' 'the server of libpq'"'"'s tests'
      need redis-server '' 'program redis-server' 'the server of hiredis'"'"' tests'
      need rabbitmq-server '' 'file /usr/lib/rabbitmq/bin/rabbitmq-server' 'the server of RabbitMQ-c'"'"'s tests'
      ;;
    bench)
      need wrk '' 'program wrk' 'load for the servers'
      need valgrind '' 'program valgrind' 'counts instructions'
      need python3-venv '' 'python-module ensurepip' 'the seed package to compare with'
      ;;
    clang-22)
      need clang-22 '' 'program clang++-22' 'the compiler of the preset clang-22'
      need clang-tools-22 '' 'program clang-scan-deps-22' 'tells CMake which module imports which'
      need libclang-rt-22-dev '' 'runtime clang++-22' 'the runtimes of the sanitizers'
      ;;
    *)
      say "setup: there is no group '$1'; the groups are: $groups"
      exit 2
      ;;
  esac
}
