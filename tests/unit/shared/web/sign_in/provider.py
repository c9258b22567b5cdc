"""An identity provider in miniature, for what a real one never does: lie, change keys, be away."""

import asyncio
import base64
import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, Form
from fastapi.responses import JSONResponse
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "gleichfall"


@dataclass
class Provider:
    """What it knows, and what it says in the place of the truth."""

    address: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    challenge: str = ""
    nonce: str = ""
    said: dict[str, Any] = field(default_factory=dict)

    def token(self, **claims: object) -> str:
        """Sign what it says of somebody."""
        now = int(time.time())
        usual = {"iss": self.address, "sub": "1", "aud": CLIENT, "iat": now, "exp": now + 60}
        said = {key: value for key, value in (usual | claims).items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, said, self.key)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Answer on a port of this machine."""
        config = uvicorn.Config(self._app(), host="127.0.0.1", port=0, log_config=None)
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        [socket] = server.servers[0].sockets
        self.address = f"http://127.0.0.1:{socket.getsockname()[1]}"
        yield
        server.should_exit = True
        await running

    def _app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        async def about() -> dict[str, str]:
            return {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
            }

        @app.get("/keys")
        async def keys() -> dict[str, Any]:
            return {"keys": [self.key.as_dict(private=False)]}

        @app.post("/token")
        async def redeem(
            code: Annotated[str, Form()], code_verifier: Annotated[str, Form()]
        ) -> JSONResponse:
            digest = hashlib.sha256(code_verifier.encode()).digest()
            shown = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if code != "good" or shown != self.challenge:
                return JSONResponse({"error": "invalid_grant"}, 400)
            usual = {"nonce": self.nonce, "preferred_username": "m.berger", "sid": "s-1"}
            return JSONResponse({"id_token": self.token(**(usual | self.said))})

        return app
