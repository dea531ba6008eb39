"""What a browser asked the app to run, told by the messages that go over its websocket."""

from playwright.sync_api import Page, WebSocket
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


class Reruns:
    """The reruns that one page of a browser asked for.

    The page's own sign of being at work comes with the answer's beginning: after a click it still says for a while
    that nothing runs. Here a run is under way from the moment in which it is asked for.
    """

    def __init__(self, page: Page) -> None:
        self._asked: set[str] = set()
        self._is_running = False
        page.on("websocket", self._watch)

    @property
    def is_answered(self) -> bool:
        """Whether all that was asked for has run to its end, apart from what asks by itself every few moments."""
        return not self._asked and not self._is_running

    def _watch(self, socket: WebSocket) -> None:
        # A new socket is a new page, or a connection that was lost: what the old one was to bring never comes.
        self._asked.clear()
        self._is_running = False
        socket.on("framesent", self._note_asked)
        socket.on("framereceived", self._note_answered)

    def _note_asked(self, frame: str | bytes) -> None:
        if isinstance(frame, str):
            return
        asked = BackMsg.FromString(frame)
        if asked.WhichOneof("type") == "rerun_script" and not asked.rerun_script.is_auto_rerun:
            self._asked.add(asked.rerun_script.fragment_id)

    def _note_answered(self, frame: str | bytes) -> None:
        if isinstance(frame, str):
            return
        answer = ForwardMsg.FromString(frame)
        kind = answer.WhichOneof("type")
        if kind == "new_session":
            parts = set(answer.metadata.run.fragment_ids)
            answered = self._asked & parts if parts else set(self._asked)  # a run of the whole page has all its parts
            self._is_running = self._is_running or bool(answered)
            self._asked -= answered
        elif kind == "script_finished" and answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            self._is_running = False
