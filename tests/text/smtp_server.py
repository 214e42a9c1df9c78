"""A mail server that does as it is told, for the tests of the SMTP mailer.

Prints `listening PORT`, then saves each accepted mail in FOLDER as `NNNN.json`, read by Python's own mail parser.

  --answer ADDRESS=ANSWER   answer to that recipient, such as "550 5.1.1 unknown"
  --silent ADDRESS          take the mail for that recipient and never answer
  --login USER=PASSWORD     only for who signs in
"""

import argparse
import asyncio
import json
import logging
import os
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


def pair(text):
    return tuple(text.split("=", 1))


class Handler:
    def __init__(self, folder, answers, silent):
        self.folder, self.answers, self.silent, self.saved = folder, answers, silent, 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if set(envelope.rcpt_tos) & self.silent:
            await asyncio.Event().wait()
        mail = message_from_bytes(envelope.original_content, policy=policy.default)
        seen = {
            "envelope_from": envelope.mail_from,
            "envelope_to": envelope.rcpt_tos,
            "headers": {name.lower(): str(value) for name, value in mail.items()},
            "defects": [str(defect) for part in mail.walk() for defect in part.defects],
            "text": mail.get_body(("plain",)).get_content(),
            "html": mail.get_body(("html",)).get_content(),
            "bytes": envelope.original_content.decode("ascii"),
        }
        self.saved += 1
        path = os.path.join(self.folder, f"{self.saved:04}.json")
        with open(path + ".tmp", "w", encoding="utf-8") as file:
            json.dump(seen, file)
        os.rename(path + ".tmp", path)
        return "250 OK"


async def serve(options):
    handler = Handler(options.folder, dict(options.answer), set(options.silent))
    wanted = [LoginPassword(user.encode(), password.encode()) for user, password in options.login]

    def sign_in(server, session, envelope, mechanism, given):
        return AuthResult(success=given in wanted, handled=False)

    def connection():
        return SMTP(
            handler,
            hostname="test",
            authenticator=sign_in if wanted else None,
            auth_required=bool(wanted),
            auth_require_tls=False,
        )

    server = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", 0)
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


logging.disable(logging.WARNING)
parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--answer", type=pair, action="append", default=[])
parser.add_argument("--silent", action="append", default=[])
parser.add_argument("--login", type=pair, action="append", default=[])
asyncio.run(serve(parser.parse_args()))
