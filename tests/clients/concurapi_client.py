"""concurapi: the Native flow of net2."""

import contextlib
import io
import os

from concurapi.client import ConcurAPI
from concurapi.exceptions import HTTPException

EMULATOR = os.environ["EMULATOR"]
ACCOUNT = {
    "endpoint": EMULATOR,
    "client_key": "hj7683jslks93lalkjss93",
    "client_secret": "3ukkqMSIPORvMmXQqQ7QFJnDckLzmO5Z",
    "username": "john_developer@hotmail.com",
    "password": "Travel&Expense$2012",
}

# It prints each request, with its secrets.
with contextlib.redirect_stdout(io.StringIO()):
    client = ConcurAPI(**ACCOUNT)
    assert len(client.token_hash) == 28 and client.refresh_token and client.token_expires_at
    try:
        ConcurAPI(**{**ACCOUNT, "password": "another"})
    except HTTPException:
        refused = True
    else:
        refused = False
    administrator = ConcurAPI(**{**ACCOUNT, "username": "administrator@example.com"})
    requests = administrator.get_request("api/v3.1/common/connectionrequests")
    assert requests.status_code == 200, requests.text
assert refused, "a wrong password is accepted"
print("concurapi: well")
