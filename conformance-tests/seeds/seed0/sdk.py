"""What differs between the versions of the Python SDK, so that the app above it is written once."""

import json

import requests
from appwrite.client import Client
from appwrite.services.account import Account
from appwrite.services.users import Users


def plain(value):
    """A dictionary as the server sent it: the newest SDK wraps answers in pydantic models, the others do not."""
    if hasattr(value, "to_dict"):
        value = {**value.to_dict(), **inner_models(value)}
    if isinstance(value, dict):
        value = {key: plain(item) for key, item in value.items()}
        inner = value.get("data")
        if isinstance(inner, dict) and ("$id" in value or set(value) == {"data"}):
            value = {**{key: item for key, item in value.items() if key != "data"}, **inner}
        return value
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def inner_models(value):
    """Models inside of a model that hold an app's own data: versions 16 to 22 lose those when the outer one becomes a dictionary."""
    prefs = {"prefs": value.prefs.data} if hasattr(value, "prefs") else {}
    lists = {key: getattr(value, key) for key in ("documents", "rows") if hasattr(value, key)}
    return {**prefs, **{key: [plain(item) for item in items] for key, items in lists.items()}}


class Tab:
    """The browser of a user: signs in with a cookie and asks for JWTs, as the frontend of a Python app does."""

    def __init__(self, endpoint, project):
        self.endpoint, self.project = endpoint, project
        self.http = requests.Session()
        self.http.headers.update({"X-Appwrite-Project": project, "Origin": "http://localhost", "X-Appwrite-Response-Format": "1.4.0"})

    def post(self, path, body=None):
        """A call of the frontend; raises on an error status."""
        answer = self.http.post(self.endpoint + path, json=body or {}, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def sign_in(self, email, password):
        """By the path of the 1.4 web SDK."""
        return self.post("/account/sessions", {"email": email, "password": password})

    def secret(self):
        """The value of the session cookie, which is also what `X-Appwrite-Session` carries."""
        return self.http.cookies.get(f"a_session_{self.project}")

    def jwt(self):
        """By the path of the 1.4 web SDK."""
        return self.post("/account/jwt")["jwt"]


class Sdk:
    """One version of the SDK against one project."""

    def __init__(self, version, endpoint, project, key):
        self.version, self.endpoint, self.project, self.key = version, endpoint, project, key
        self.major = int(version.split(".")[0])

    def client(self):
        """A client without any credentials."""
        return Client().set_endpoint(self.endpoint).set_project(self.project)

    def server(self):
        """A client with the API key."""
        return self.client().set_key(self.key)

    def session_client(self, secret):
        """A client with a session; 4.1 has no setter, its apps add the header."""
        client = self.client()
        if hasattr(client, "set_session"):
            return client.set_session(secret)
        return client.add_header("X-Appwrite-Session", secret)

    def jwt_client(self, jwt):
        """A client with a JWT."""
        return self.client().set_jwt(jwt)

    def sign_up(self, user_id, email, password, name):
        """account.create came to the server SDKs with 1.5; before, an app made the account with its key."""
        if hasattr(Account, "create"):
            return plain(Account(self.client()).create(user_id=user_id, email=email, password=password, name=name))
        return plain(Users(self.server()).create(user_id=user_id, email=email, password=password, name=name))

    def sign_in(self, email, password):
        """Signs a user in; gives the session, its secret and a JWT of it."""
        account = Account(self.server())
        if not hasattr(account, "create_email_password_session"):
            tab = Tab(self.endpoint, self.project)
            session = tab.sign_in(email, password)
            return session, tab.secret(), tab.jwt()
        session = plain(account.create_email_password_session(email=email, password=password))
        secret = session["secret"]
        mine = Account(self.session_client(secret))
        if hasattr(mine, "create_jwt"):
            jwt = plain(mine.create_jwt())["jwt"]
        else:
            jwt = plain(Users(self.server()).create_jwt(user_id=session["userId"], session_id=session["$id"]))["jwt"]
        return session, secret, jwt

    def index_type(self, name):
        """Enums came with 1.5."""
        if self.major < 5:
            return name
        try:
            from appwrite.enums.databases_index_type import DatabasesIndexType as Kind
        except ImportError:
            from appwrite.enums.index_type import IndexType as Kind
        return Kind(name)

    def error_body(self, value):
        """The response text of an error as a dictionary."""
        return value if isinstance(value, dict) else json.loads(value)
