# SPDX-License-Identifier: MIT
"""Runs a command while real servers answer on loopback: with_servers.py SERVER... -- COMMAND...

SERVERS are postgresql, redis, rabbitmq and http. Each listens on a free port of 127.0.0.1, with its data in a temporary
directory. It stops when the command ends, however that or this program ends. Runs as root (PostgreSQL then as the user
postgres) and as any other user. Exports, for the given servers:

  FORKSAFE_TEST_CA            the file with the certificate that all TLS servers show, for localhost and 127.0.0.1
  FORKSAFE_TEST_POSTGRESQL    a connection string without sslmode; the server takes both kinds of connections
  FORKSAFE_TEST_REDIS         HOST:PORT, and in FORKSAFE_TEST_REDIS_TLS that of the port with TLS
  FORKSAFE_TEST_RABBITMQ      amqp://... and in FORKSAFE_TEST_RABBITMQ_TLS amqps://...
  FORKSAFE_TEST_HTTP          http://HOST:PORT and in FORKSAFE_TEST_HTTPS https://HOST:PORT: see http_server.py

The exit status is the command's. It is 1, with the cause on stderr, if a server does not start.
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from server import free_port

HOST = '127.0.0.1'
START_SECONDS = 180
STOP_SECONDS = 60


class NotStarted(Exception):
    pass


def free_ports(count):
    return [free_port() for _ in range(count)]


def program(name, *folders):
    path = shutil.which(name, path=os.pathsep.join([*folders, os.environ.get('PATH', os.defpath), '/usr/sbin', '/sbin']))
    if not path:
        raise NotStarted(f'there is no program {name}: examples/setup resources installs it')
    return path


def newest_first(pattern):
    folders = pathlib.Path('/').glob(pattern)
    return sorted((str(folder) for folder in folders), key=lambda name: [int(n) for n in re.findall(r'\d+', name)], reverse=True)


class Servers:
    """Starts servers below one directory, and stops them."""

    def __init__(self, directory):
        self.directory = directory
        self.started = []
        self.environment = {}

    def run(self, command, **options):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
        if done.returncode:
            raise NotStarted(f'{" ".join(command)} failed:\n{done.stdout}')

    def folder(self, name, user=None):
        path = self.directory / name
        path.mkdir()
        if user:
            shutil.chown(path, user)
        return path

    def start(self, name, command, ready, stop=signal.SIGTERM, **options):
        log = self.directory / f'{name}.log'
        with log.open('wb') as output:
            server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, **options)
        self.started.append((server, stop))
        end = time.monotonic() + START_SECONDS
        while not ready():
            if server.poll() is not None or time.monotonic() > end:
                how = 'ended' if server.poll() is not None else f'did not answer within {START_SECONDS} s'
                raise NotStarted(f'{name} {how}; its log:\n{log.read_text(errors="replace")[-4000:]}')
            time.sleep(0.05)

    def stop(self):
        for server, how in reversed(self.started):
            if server.poll() is None:
                server.send_signal(how)
        for server, _ in reversed(self.started):
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(10)
            # The server's own children are in its process group, which exists until the last of them has exited.
            with contextlib.suppress(ProcessLookupError):
                while True:
                    os.killpg(server.pid, signal.SIGKILL)
                    server.poll()
                    time.sleep(0.01)

    def certificate(self):
        """A self-signed certificate and its key, made once."""
        certificate, key = self.directory / 'certificate.pem', self.directory / 'key.pem'
        if not certificate.exists():
            self.run([program('openssl'), 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
                      '-days', '2', '-subj', '/CN=localhost', '-addext', f'subjectAltName=DNS:localhost,IP:{HOST}',
                      '-out', str(certificate), '-keyout', str(key)])
            self.environment['FORKSAFE_TEST_CA'] = str(certificate)
        return certificate, key

    def postgresql(self):
        user = 'postgres' if os.geteuid() == 0 else None
        as_user = {'user': user, 'group': user, 'extra_groups': []} if user else {}
        folders = newest_first('usr/lib/postgresql/*/bin')
        home = self.folder('postgresql', user)
        certificate, key = self.certificate()
        own_key = home / 'key.pem'
        shutil.copy(key, own_key)
        own_key.chmod(0o600)
        if user:
            shutil.chown(own_key, user)
        environment = {**os.environ, 'LC_ALL': 'C', 'HOME': str(home)}
        self.run([program('initdb', *folders), '--no-sync', '--auth=trust', '--username=forksafe', '--encoding=UTF8',
                  '-D', str(home / 'data')], cwd=home, env=environment, **as_user)
        port, = free_ports(1)
        options = {'listen_addresses': HOST, 'port': port, 'unix_socket_directories': '', 'fsync': 'off', 'ssl': 'on',
                   'ssl_cert_file': certificate, 'ssl_key_file': own_key, 'max_connections': 30, 'shared_buffers': '16MB'}
        command = [program('postgres', *folders), '-D', str(home / 'data')]
        for name, value in options.items():
            command += ['-c', f'{name}={value}']
        probe = [program('pg_isready', *folders), '-q', '-h', HOST, '-p', str(port), '-U', 'forksafe']
        # SIGQUIT stops it at once, and it still frees its shared memory.
        self.start('postgresql', command, lambda: subprocess.run(probe, check=False).returncode == 0, signal.SIGQUIT,
                   cwd=home, env=environment, **as_user)
        self.environment['FORKSAFE_TEST_POSTGRESQL'] = f'host={HOST} port={port} user=forksafe dbname=postgres'

    def redis(self):
        certificate, key = self.certificate()
        plain, tls = free_ports(2)
        options = {'bind': HOST, 'port': plain, 'tls-port': tls, 'tls-cert-file': certificate, 'tls-key-file': key,
                   'tls-ca-cert-file': certificate, 'tls-auth-clients': 'no', 'save': '', 'dir': self.folder('redis')}
        command = [program('redis-server')]
        for name, value in options.items():
            command += [f'--{name}', str(value)]
        self.start('redis', command, lambda: says(plain, b'PING\r\n', b'+PONG') and answers(tls), signal.SIGKILL)
        self.environment['FORKSAFE_TEST_REDIS'] = f'{HOST}:{plain}'
        self.environment['FORKSAFE_TEST_REDIS_TLS'] = f'{HOST}:{tls}'

    def rabbitmq(self):
        home = self.folder('rabbitmq')
        certificate, key = self.certificate()
        plain, tls, nodes, epmd = free_ports(4)
        (home / 'rabbitmq.conf').write_text(
            f'listeners.tcp.1 = {HOST}:{plain}\nlisteners.ssl.1 = {HOST}:{tls}\n'
            f'ssl_options.cacertfile = {certificate}\nssl_options.certfile = {certificate}\nssl_options.keyfile = {key}\n'
            'ssl_options.verify = verify_none\nlog.console = true\nlog.file = false\n')
        (home / 'enabled_plugins').write_text('[].\n')
        # Erlang would start a name server that stays. This one is started, and stopped, here.
        environment = {**os.environ, 'HOME': str(home), 'ERL_EPMD_PORT': str(epmd), 'ERL_EPMD_ADDRESS': HOST, 'LC_ALL': 'C.UTF-8'}
        self.start('epmd', [program('epmd')], lambda: answers(epmd), signal.SIGKILL, env=environment)
        environment |= {
            'RABBITMQ_NODENAME': f'forksafe{os.getpid()}@localhost', 'RABBITMQ_DIST_PORT': str(nodes),
            'RABBITMQ_CONF_ENV_FILE': '/dev/null', 'RABBITMQ_CONFIG_FILE': str(home / 'rabbitmq.conf'),
            'RABBITMQ_ADVANCED_CONFIG_FILE': str(home / 'advanced.config'),
            'RABBITMQ_ENABLED_PLUGINS_FILE': str(home / 'enabled_plugins'), 'RABBITMQ_MNESIA_BASE': str(home / 'data'),
            'RABBITMQ_LOG_BASE': str(home / 'log'), 'RABBITMQ_PID_FILE': str(home / 'pid'),
            'RABBITMQ_GENERATED_CONFIG_DIR': str(home / 'generated'),
            'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS': '+sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}'}
        # The distribution's wrapper in /usr/sbin would change the user.
        self.start('rabbitmq', [program('rabbitmq-server', '/usr/lib/rabbitmq/bin')],
                   lambda: says(plain, b'AMQP\x00\x00\x09\x01', b'\x01\x00\x00') and answers(tls), signal.SIGKILL,
                   env=environment, cwd=home)
        self.environment['FORKSAFE_TEST_RABBITMQ'] = f'amqp://guest:guest@{HOST}:{plain}'
        self.environment['FORKSAFE_TEST_RABBITMQ_TLS'] = f'amqps://guest:guest@localhost:{tls}'

    def http(self):
        certificate, key = self.certificate()
        plain, tls = free_ports(2)
        server = pathlib.Path(__file__).with_name('http_server.py')
        self.start('http', [sys.executable, str(server), HOST, str(plain), str(tls), str(certificate), str(key)],
                   lambda: answers(plain) and answers(tls), signal.SIGKILL)
        self.environment['FORKSAFE_TEST_HTTP'] = f'http://{HOST}:{plain}'
        self.environment['FORKSAFE_TEST_HTTPS'] = f'https://{HOST}:{tls}'


def answers(port):
    return says(port, b'', b'')


def says(port, question, answer):
    try:
        with socket.create_connection((HOST, port), timeout=2) as connection:
            connection.sendall(question)
            return not answer or connection.recv(64).startswith(answer)
    except OSError:
        return False


def keep(names, lifeline, report):
    """Starts the servers, reports their environment or the error, and stops them when the lifeline breaks."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix='forksafe-servers-'))
    directory.chmod(0o755)
    servers = Servers(directory)
    try:
        for name in names:
            getattr(servers, name)()
        os.write(report, json.dumps({'environment': servers.environment}).encode() + b'\n')
        os.read(lifeline, 1)
    except (NotStarted, OSError) as error:
        os.write(report, json.dumps({'error': str(error)}).encode() + b'\n')
    finally:
        servers.stop()
        shutil.rmtree(directory, ignore_errors=True)


def start_keeper(names):
    """Starts the keeper. It is not a descendant of this process: it stops the servers even if this process and all its
    descendants are killed."""
    lifeline_read, lifeline = os.pipe()
    report, report_write = os.pipe()
    between = os.fork()
    if between == 0:
        os.setsid()
        if os.fork() == 0:
            os.close(lifeline)
            os.close(report)
            try:
                keep(names, lifeline_read, report_write)
            finally:
                os._exit(0)
        os._exit(0)
    os.waitpid(between, 0)
    os.close(lifeline_read)
    os.close(report_write)
    return lifeline, os.fdopen(report)


def main(arguments):
    known = ('postgresql', 'redis', 'rabbitmq', 'http')
    names, dashes, command = arguments, '', []
    if '--' in arguments:
        at = arguments.index('--')
        names, dashes, command = arguments[:at], '--', arguments[at + 1:]
    if not dashes or not command or not set(names) <= set(known):
        print(f'usage: with_servers.py SERVER... -- COMMAND...\nservers: {" ".join(known)}', file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(128 + signal.SIGHUP))
    lifeline, report = start_keeper(names)
    try:
        answer = json.loads(report.readline() or '{"error": "the keeper of the servers died"}')
        if 'error' in answer:
            print(f'with_servers.py: {answer["error"]}', file=sys.stderr)
            return 1
        try:
            running = subprocess.Popen(command, env={**os.environ, **answer['environment']})
        except OSError as error:
            print(f'with_servers.py: {error}', file=sys.stderr)
            return 127
        try:
            status = running.wait()
        except BaseException:
            # The command may have children, which only it can end.
            running.terminate()
            try:
                running.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()
            raise
        return status if status >= 0 else 128 - status
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    finally:
        os.close(lifeline)
        report.read()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
