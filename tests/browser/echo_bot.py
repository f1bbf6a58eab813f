"""A bot as the documentation of mmpy_bot teaches it: it answers `ping` in the thread."""
from mmpy_bot import Bot, Message, Plugin, Settings, listen_to


class Echo(Plugin):
    @listen_to("^ping$")
    async def ping(self, message: Message):
        self.driver.reply_to(message, "pong")


Bot(settings=Settings(), plugins=[Echo()]).run()
