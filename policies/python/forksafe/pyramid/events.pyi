# SPDX-License-Identifier: MIT
from typing import Any, Mapping, Optional

from forksafe.core import Child
from pyramid.registry import Registry

class ApplicationEvent:
    registry: Registry
    container: Optional[str]
    hook: Optional[str]
    role: Optional[str]
    pid: Optional[int]
    parent: Optional[int]
    slot: Optional[int]
    incarnation: Optional[int]
    forked: Optional[bool]
    app_loaded: Optional[bool]
    respawn: Optional[bool]
    late: bool
    child: Optional[Child]

    def __init__(self, registry: Registry, facts: Optional[Mapping[str, Any]] = None) -> None: ...

class ApplicationPreFork(ApplicationEvent): ...
class ApplicationPostFork(ApplicationEvent): ...
class ApplicationPostWorkerInit(ApplicationEvent): ...
class ApplicationPostForkParent(ApplicationEvent): ...

class ApplicationForkFailed(ApplicationEvent):
    error: int

class ApplicationWorkerReady(ApplicationEvent): ...
class ApplicationWorkerExit(ApplicationEvent): ...

class ApplicationWorkerReaped(ApplicationEvent):
    status: Optional[int]

class ApplicationWorkerAbort(ApplicationEvent): ...
class ApplicationServerStarting(ApplicationEvent): ...
class ApplicationServerReady(ApplicationEvent): ...
class ApplicationServerReload(ApplicationEvent): ...
class ApplicationServerExit(ApplicationEvent): ...
