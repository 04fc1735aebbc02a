# SPDX-License-Identifier: MIT
from typing import Dict, Optional

from forksafe.core import Child
from pyramid.registry import Registry
from zope.interface import Interface

class IApplicationEvent(Interface):
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

class IApplicationPreFork(IApplicationEvent): ...
class IApplicationPostFork(IApplicationEvent): ...
class IApplicationPostWorkerInit(IApplicationEvent): ...
class IApplicationPostForkParent(IApplicationEvent): ...

class IApplicationForkFailed(IApplicationEvent):
    error: int

class IApplicationWorkerReady(IApplicationEvent): ...
class IApplicationWorkerExit(IApplicationEvent): ...

class IApplicationWorkerReaped(IApplicationEvent):
    status: Optional[int]

class IApplicationWorkerAbort(IApplicationEvent): ...
class IApplicationServerStarting(IApplicationEvent): ...
class IApplicationServerReady(IApplicationEvent): ...
class IApplicationServerReload(IApplicationEvent): ...
class IApplicationServerExit(IApplicationEvent): ...

MEANINGS: Dict[str, str]

def is_made(event: str) -> bool: ...
