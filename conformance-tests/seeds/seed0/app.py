"""The patterns of the seed, as an app has them: clients by token or key, every call wrapped in success or error.

The seed writes `await account.create(…)`. The published SDK is synchronous in every version, so the app awaits a thread.
"""

import asyncio

from appwrite.client import Client
from appwrite.input_file import InputFile
from appwrite.services.account import Account
from appwrite.services.databases import Databases
from appwrite.services.storage import Storage

from sdk import plain


class App:
    """The app of the seed over one SDK version."""

    def __init__(self, sdk, database):
        self.sdk, self.database = sdk, database

    def get_appwrite_client(self, session_token=None):
        """With a session token (a JWT) the user's client, without one the server's."""
        client = Client()
        client.set_endpoint(self.sdk.endpoint)
        client.set_project(self.sdk.project)
        if session_token:
            client.set_jwt(session_token)
        else:
            client.set_key(self.sdk.key)
        return client

    async def _answer(self, name, call, *args, **kwargs):
        try:
            return {"success": True, name: plain(await asyncio.to_thread(call, *args, **kwargs))}
        except Exception as error:
            return {"success": False, "error": str(error), "code": getattr(error, "code", None), "type": getattr(error, "type", None)}

    async def create_user(self, email, password, name):
        """Creates a user account."""
        return await self._answer("user", self.sdk.sign_up, "unique()", email, password, name)

    async def login(self, email, password):
        """Creates a session; the JWT of it is the token the other calls want."""
        answer = await self._answer("session", lambda: list(self.sdk.sign_in(email, password)))
        if answer["success"]:
            answer["session"], answer["secret"], answer["token"] = answer["session"]
        return answer

    async def get_current_user(self, session_token):
        """The user a token belongs to."""
        return await self._answer("user", Account(self.get_appwrite_client(session_token)).get)

    async def logout(self, session_token):
        """Deletes the current session, with the token as the seed does."""
        return await self._answer("done", Account(self.get_appwrite_client(session_token)).delete_session, "current")

    async def create_document(self, collection_id, data, permissions=None):
        """Creates a document with the server's key."""
        return await self._answer("document", Databases(self.get_appwrite_client()).create_document, database_id=self.database,
                                  collection_id=collection_id, document_id="unique()", data=data, permissions=permissions or [])

    async def list_documents(self, collection_id, queries=None, token=None):
        """Lists documents with optional filters."""
        return await self._answer("documents", Databases(self.get_appwrite_client(token)).list_documents, database_id=self.database,
                                  collection_id=collection_id, queries=queries or [])

    async def update_document(self, collection_id, document_id, data, token=None):
        """Updates an existing document."""
        return await self._answer("document", Databases(self.get_appwrite_client(token)).update_document, database_id=self.database,
                                  collection_id=collection_id, document_id=document_id, data=data)

    async def upload_file(self, file_path, bucket_id, permissions=None):
        """Uploads a file by its path."""
        return await self._answer("file", Storage(self.get_appwrite_client()).create_file, bucket_id=bucket_id, file_id="unique()",
                                  file=InputFile.from_path(file_path), permissions=permissions or [])

    def get_file_url(self, bucket_id, file_id):
        """The public address of a file."""
        return f"{self.sdk.endpoint}/storage/buckets/{bucket_id}/files/{file_id}/view?project={self.sdk.project}"
