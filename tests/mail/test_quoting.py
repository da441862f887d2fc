"""What the sender wrote, out of what mail programs put around it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maildesk.mail.quoting import new_text, new_text_html

HEADER_BLOCKS = {
    "outlook en": "From: IT Desk <it@corp.example>\nSent: Monday, May 6, 2024 10:00\nTo: Wei Zhang\nSubject: Printer",
    "outlook en, bold": "*From:* IT Desk <it@corp.example>\n*Sent:* Monday\n*To:* Wei\n*Subject:* Printer",
    "outlook en, folded": "From: IT Desk\n<a-long-address-of-the-desk@corp.example>\nSent: Monday\nTo: Wei\nSubject: x",
    "outlook de": "Von: IT <it@corp.example>\nGesendet: Montag, 6. Mai 2024 10:00\nAn: Anna\nBetreff: Drucker",
    "outlook fr": "De : IT <it@corp.example>\nEnvoyé : lundi 6 mai 2024 10:00\nÀ : Jean\nObjet : Imprimante",
    "outlook es": "De: IT <it@corp.example>\nEnviado el: lunes, 6 de mayo de 2024\nPara: Juan\nAsunto: Impresora",
    "outlook zh": "发件人: IT <it@corp.example>\n发送时间: 2024年5月6日 10:00\n收件人: 张伟\n主题: 打印机",
    "outlook zh, rule": "________________\n发件人: IT\n发送时间: 2024年5月6日\n收件人: 张伟\n主题: 打印机",
    "outlook tw": "寄件者: IT <it@corp.example>\n寄件日期: 2024年5月6日 上午 10:00\n收件者: 王小明\n主旨: 印表機",
    "foxmail": "发件人： IT服务台\n发送时间： 2024-05-06 10:00\n收件人： zhang\n抄送： li\n主题： Re: 打印机",
    "aliyun": "----------------------------\n发件人：IT <it@corp.example>\n发送时间：2024年5月6日(星期一)\n"
    "收件人：张伟\n抄　送：李雷\n主　题：打印机",
    "mac zh": "发件人: IT <it@corp.example>\n日期: 星期一, 2024年5月6日 10:00\n收件人: 张伟\n主题: 打印机",
    "hotmail": "Date: Mon, 6 May 2024 10:00:00 +0800\nSubject: Printer\nFrom: it@corp.example\nTo: wei@corp.example",
    "ja": "差出人: IT <it@corp.example>\n送信日時: 2024年5月6日 10:00\n宛先: 田中\n件名: プリンター",
    "one line": "From: IT Desk <it@corp.example> Sent: Monday, May 6, 2024 To: Wei",
}
DIVIDERS = {
    "qq": '------------------ 原始邮件 ------------------\n发件人: "IT"<it@corp.example>;',
    "qq en": '------------------ Original ------------------\nFrom:  "IT"<it@corp.example>;',
    "outlook en": "-----Original Message-----",
    "outlook zh": "-----邮件原件-----\n发件人: IT",
    "outlook tw": "-----原始郵件-----",
    "outlook de": "-----Ursprüngliche Nachricht-----",
    "outlook fr": "-------- Message d'origine --------",
    "netease": "---- 回复的原邮件 ----\n| 发件人 | IT<it@corp.example> |\n| 主题 | 打印机 |",
    "139": "----邮件原文----\n发件人：IT",
    "zoho": "---- On Mon, 06 May 2024 10:00:00 +0800 it@corp.example wrote ----",
    "android": "---- IT Desk wrote ----",
    "huawei": "-------- 原始邮件 --------\n发件人： IT <it@corp.example>\n日期： 2024年5月6日\n主 题： 打印机",
}
ATTRIBUTIONS = {
    "gmail": "On Mon, May 6, 2024 at 10:00 AM IT Desk <it@corp.example> wrote:",
    "gmail, wrapped": "On Mon, May 6, 2024 at 10:00 AM The IT Desk of the Corporation <\nit@corp.example> wrote:",
    "gmail, wrapped in the name": "On Mon, May 6, 2024 at 10:00 AM Somebody of the Information Technology\n"
    "Service Desk <it@corp.example> wrote:",
    "gmail, verb alone": "On Mon, May 6, 2024 at 10:00 AM IT Desk <it@corp.example>\nwrote:",
    "gmail zh": "IT服务台 <it@corp.example> 于2024年5月6日周一 10:00写道：",
    "gmail zh, blank": "IT服务台 <it@corp.example> 于 2024年5月6日周一 上午10:00写道：",
    "gmail tw": "IT <it@corp.example> 於 2024年5月6日 週一 上午10:00寫道：",
    "apple": "On May 6, 2024, at 10:00, IT Desk <it@corp.example> wrote:",
    "apple zh": "在 2024年5月6日，10:00，IT <it@corp.example> 写道：",
    "apple de": "Am 06.05.2024 um 10:00 schrieb IT <it@corp.example>:",
    "apple fr": "Le 6 mai 2024 à 10:00, IT <it@corp.example> a écrit :",
    "apple es": "El 6 may 2024, a las 10:00, IT <it@corp.example> escribió:",
    "thunderbird": "On 06/05/2024 10:00, IT Desk wrote:",
    "thunderbird zh": "在 2024/5/6 10:00, IT 写道:",
    "163": 'At 2024-05-06 10:00:00, "IT" <it@corp.example> wrote:',
    "163 zh": '在 2024-05-06 10:00:00，"IT服务台" <it@corp.example> 写道：',
    "163 zh, tight": "在2024年05月06日 10:00，IT<it@corp.example>写道：",
    "xiaomi": '在 "IT" <it@corp.example>，2024年5月6日 上午10:00写道：',
    "date first": "2024-05-06 10:00 GMT+08:00 IT Desk <it@corp.example>:",
    "yandex": '06.05.2024, 10:00, "IT" <it@corp.example>:',
    "ja": "2024年5月6日(月) 10:00 IT <it@corp.example>:",
    "ko": "2024년 5월 6일 (월) 오전 10:00, IT <it@corp.example>님이 작성:",
    "pl": "W dniu 2024-05-06 10:00:00 użytkownik IT <it@corp.example> napisał:",
    "ru": "пн, 6 мая 2024 г. в 10:00, IT <it@corp.example>:",
    "nl": "Op ma 6 mei 2024 om 10:00 schreef IT <it@corp.example>:",
    "sv": "Den mån 6 maj 2024 kl 10:00 skrev IT <it@corp.example>:",
    "nobody": "On May 6, 2024 you wrote:",
    "blank before the address": "On Mon, May 6, 2024 at 10:00 AM IT Desk\n\n<it@corp.example> wrote:",
}


@pytest.mark.parametrize("block", [*HEADER_BLOCKS.values(), *DIVIDERS.values()], ids=[*HEADER_BLOCKS, *DIVIDERS])
def test_what_stands_below_a_header_block_or_divider_is_quoted(block: str) -> None:
    assert new_text(f"好的，三楼那台。\nDone.\n\n{block}\n\n打印机坏了\nPrinter is broken") == "好的，三楼那台。\nDone."


@pytest.mark.parametrize("line", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
@pytest.mark.parametrize("quote", ["> 打印机坏了\n> again", "打印机坏了\nagain"], ids=["marked", "bare"])
def test_what_stands_below_an_attribution_is_quoted(line: str, quote: str) -> None:
    assert new_text(f"已处理\n\n{line}\n\n{quote}\n") == "已处理"


@pytest.mark.parametrize("line", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_an_answer_below_a_marked_quote_stays(line: str) -> None:
    assert new_text(f"{line}\n> 哪一台？\n> Which one?\n\n三楼那台") == "三楼那台"


def test_inline_answers_stay_in_order() -> None:
    text = "在 2024/5/6 10:00, IT 写道:\n> 哪一台打印机？\n三楼的\n> 什么时候坏的？\n昨天\n\n> 急吗？\n\n不急"
    assert new_text(text) == "三楼的\n昨天\n\n不急"


def test_an_inline_answer_after_a_long_quoted_question_stays() -> None:
    question = "> Could you please restart the machine on the third floor and tell us if it helps?"
    assert new_text(f"{question}\nyes it does\n> Thanks") == "yes it does"


def test_the_wrapped_end_of_a_quoted_line_is_not_an_answer() -> None:
    line = "> The quick brown fox jumps over the lazy dog and then goes on to the river bank,"
    assert new_text(f"Thanks\n\n{line}\nwhere it sleeps\n> all day") == "Thanks"
    assert new_text("Thanks\n\n> see the page (http://corp.example/a\n_b=1)\n> please") == "Thanks"
    assert new_text("Thanks\n\n> see the page\n (http://corp.example/a) >\n> please") == "Thanks"


@pytest.mark.parametrize(
    "text",
    [
        "供应商写道：\n请按 F8 重启\n这样对吗？",
        "系统提示发件人: 未知\n请帮忙看看",
        "发件人: 显示为乱码，怎么办",
        "邮件里的主题: 打印机，看不到",
        "The vendor wrote: reboot it.\nI did that.",
        "My boss wrote:\nplease fix the printer",
        "At 10:30 the application wrote:\nERROR disk full",
        "On 2024-05-06 10:30 the server wrote:\nERROR disk full",
        "On the other hand,\nOn average it works.",
        "On Monday the server crashed and nobody wrote down why.\nPlease look.",
        "From: Beijing\nTo: Shanghai\nDate: 3 May\nPlease book a laptop.",
        "发件人：张三\n部门：财务\n问题：打印机坏了",
        "Key points\n----\n1. fast\n\n----\n\n====\n\nend",
        "We saw:\n-- first point\n-- second point",
        "Visit us\n>>> http://corp.example <<<\nnow",
        "This was sent from my iPhone app to all users.",
        "Sent from my desk, which is broken.",
        "来自客户端的报错，见附件",
        "Order this:\n\n-Dell Monitor",
        "2024-05-06 10:00 reboot\n2024-05-06 10:05 up again",
        "Write to Bob <bob@corp.example>",
        "原始邮件在哪里可以找到？",
        "Contact: Bob Smith <bob@corp.example>\nRoom: 4",
    ],
)
def test_a_sentence_that_looks_like_a_quote_stays(text: str) -> None:
    assert new_text(text) == text


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nLi Lei\nIT Department\nTel 123",
        "--\nLi Lei\nIT",
        "-- \nLi Lei\n\nSent from my iPhone",
        "Sent from my iPhone",
        "Sent from Mail for Windows",
        "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "发自我的 iPhone",
        "发自我的华为手机",
        "来自 QQ 邮箱",
        "从我的iPhone发送",
        "获取 Outlook for Android",
        "發自我的 iPhone",
        "Von meinem iPhone gesendet",
        "Gesendet von Outlook für Android",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPhone",
        "iPhoneから送信",
        "_______________________________________________\nusers mailing list\nusers@lists.example",
        "| |\n李雷\n|\n|\nli@163.example\n|\n签名由网易邮箱大师定制",
        "签名由网易邮箱大师定制",
    ],
)
def test_a_signature_goes(signature: str) -> None:
    assert new_text(f"好的，已重启\n\n{signature}\n") == "好的，已重启"
    assert new_text(f"好的，已重启\n\n{signature}\n\n在 2024/5/6 10:00, IT 写道:\n> x") == "好的，已重启"


def test_a_name_behind_a_dash_ends_a_letter() -> None:
    assert new_text("I restarted it.\n\n-Joan Miro") == "I restarted it."
    assert new_text("-Dell Monitor\n\n-Dell Keyboard") == "-Dell Monitor\n\n-Dell Keyboard"


@pytest.mark.parametrize(
    "closing",
    [
        "Best regards,\nLi Lei",
        "Kind regards",
        "Regards\n\n李雷",
        "Mit freundlichen Grüßen\nAnna Schmidt",
        "Viele Grüße,\nAnna",
        "MfG\nAnna",
        "Cordialement,\nJean Dupont",
        "Un saludo,\nJuan",
        "Cordiali saluti\nPaolo Rossi",
        "Com os melhores cumprimentos,\nJoão",
        "Met vriendelijke groet,\nJan de Vries",
        "Med vänliga hälsningar\nEva",
        "Med venlig hilsen\nAnders Andersen",
        "Kh\nPeter",
        "Pozdrawiam,\nJan",
        "С уважением,\nИван Петров",
        "Ystävällisin terveisin\nAino",
        "/Eva",
    ],
)
def test_a_closing_formula_and_the_name_below_it_go(closing: str) -> None:
    assert new_text(f"It works.\n\n{closing}\n") == "It works."
    assert new_text(f"It works.\n\n{closing}\n\nSent from my iPhone") == "It works."


@pytest.mark.parametrize(
    "end",
    [
        "Thanks,\nLi Lei",
        "谢谢！\n李雷",
        "此致\n敬礼\n李雷",
        "Best regards to the whole team,\nLi Lei",
        "With regards to the payment",
        "Regards\nLi Lei\n+86 138 0000 0000",
        "Regards\ncall me before noon",
        "Sincerely,\nYour Friendly Domain Name Manager",
        "See\n/Volumes is full",
        "看\n\n/etc/hosts",
    ],
)
def test_what_says_more_than_a_closing_formula_stays(end: str) -> None:
    assert new_text(f"It works.\n\n{end}") == f"It works.\n\n{end}"


def test_an_address_that_answers_a_question_stays() -> None:
    assert new_text("请发到：\n\nli@corp.example") == "请发到：\n\nli@corp.example"
    assert new_text("li@corp.example") == "li@corp.example"
    assert new_text("好的\n\n\nli@corp.example\n\n发件人：a\n主题：x\n\ny") == "好的"


def test_a_mail_that_is_nothing_but_a_closing_formula_stays() -> None:
    assert new_text("Best regards,\nLi Lei") == "Best regards,\nLi Lei"
    assert new_text("Regards") == "Regards"


def test_below_a_header_block_that_begins_a_mail_stands_the_mail() -> None:
    block = "发件人: 王伟 <wang@x.example>\n发送时间: 2024年5月6日 10:00\n收件人: 张伟\n主题: 打印机\n\n打印机坏了"
    quote = "在 2024/5/5 10:00, IT 写道:\n> 哪一台？"
    assert new_text(f"\n{block}\n\n{quote}") == block
    assert new_text(f"{block}\n\n{quote}", is_answer=True) == ""


def test_dashes_apart_from_the_quote_may_be_the_senders() -> None:
    block = "From: IT <it@corp.example>\nSubject: x\n\nquoted"
    assert new_text(f"ok\n\n----------\n\n{block}") == "ok\n\n----------"
    assert new_text(f"ok\n\n----------\n{block}") == "ok"
    assert new_text(f"ok\n\n ----------\n\n{block}") == "ok"
    assert new_text(f"ok\n\n__________\n\n{block}") == "ok"


def test_a_long_text_below_two_dashes_is_no_signature() -> None:
    text = "Part one\n--\n" + "\n".join(f"line {n}" for n in range(20))
    assert new_text(text) == text


def test_an_answer_and_an_attribution_may_share_a_line() -> None:
    assert new_text("ok On Mon, May 6, 2024 at 10:00 AM, it@corp.example wrote:\n> Hi") == "ok"
    assert new_text("ok--- On Mon, May 6, 2024 at 10:00 AM, it@corp.example wrote:\n> Hi") == "ok"


def test_an_attribution_without_a_verb_needs_a_marked_quote() -> None:
    line = "2024-05-06 IT Desk <it@corp.example>"
    assert new_text(f"ok\n{line}\n\n> x") == "ok"
    assert new_text(f"ok\n{line}\n\nx") == f"ok\n{line}\n\nx"


def test_a_weekday_alone_needs_a_marked_quote() -> None:
    assert new_text("yes\n\nOn Monday, it wrote:\n> hello") == "yes"
    assert new_text("yes\n\nOn Monday, it wrote:\nhello") == "yes\n\nOn Monday, it wrote:\nhello"


def test_a_line_too_long_for_an_attribution_is_the_senders() -> None:
    line = f"On Mon, May 6, 2024 at 10:00 AM {'x' * 500} <it@corp.example> wrote:"
    assert new_text(f"ok\n{line}\nx") == f"ok\n{line}\nx"
    assert new_text(f"ok {line}\n> x") == f"ok {line}"
    lines = "\n".join([f"On Mon, May 6, 2024 at 10:00 AM {'x' * 40}", *["y" * 60] * 8])
    assert new_text(lines) == lines


def test_a_sentence_around_a_date_and_an_address_is_no_attribution() -> None:
    text = "On May 6, 2024 bob@corp.example wrote to us about this:\nthe disk is full"
    assert new_text(text) == text


def test_an_empty_reply_is_empty() -> None:
    block = "\n\n发件人: IT <it@corp.example>\n发送时间: 2024年5月6日\n主题: x\n\n正文"
    assert new_text(block, is_answer=True) == ""
    assert new_text("On 06/05/2024 10:00, IT wrote:\n> close?") == ""
    assert new_text("Sent from my iPhone\n\nOn 06/05/2024 10:00, IT wrote:\n> close?") == ""


def test_when_nothing_would_be_left_the_whole_text_stays() -> None:
    forward = "---------- Forwarded message ---------\nFrom: a <a@b.example>\nSubject: x\n\nhello"
    assert new_text(forward) == forward
    assert new_text("-- \nLi Lei") == "--\nLi Lei"
    assert new_text("> only this\n> line") == "only this\nline"
    assert new_text("") == ""


@pytest.mark.parametrize(
    "divider",
    [
        "---------- Forwarded message ---------",
        "-------- 转发邮件信息 --------",
        "---- 转发的邮件 ----",
        "Begin forwarded message:",
        "开始转发的邮件：",
        "-------- Weitergeleitete Nachricht --------",
        "> Begin forwarded message:",
    ],
)
def test_the_comment_above_a_forwarded_mail_is_what_the_sender_wrote(divider: str) -> None:
    assert new_text(f"请处理\n\n{divider}\n> 发件人：c@x.example\n> 主题：断网\n>\n> 断网了") == "请处理"


def test_a_quote_below_a_header_block_may_be_followed_by_an_answer() -> None:
    assert new_text("From: IT <it@corp.example>\nSubject: x\n\n> which?\n\nthe third") == "the third"


def test_of_a_very_long_mail_the_end_stays_unless_it_is_quoted() -> None:
    log = "\n".join(f"line {n}" for n in range(100_000))
    assert new_text(log) == log
    assert new_text(f"{log}\nOn 06/05/2024 10:00, IT wrote:\n> x").endswith("\n> x")
    assert new_text(f"ok\n\nOn 06/05/2024 10:00, IT wrote:\n{log}") == "ok"


def test_line_ends_of_any_kind_are_read() -> None:
    assert new_text("a\r\nb\r\rOn 06/05/2024 10:00, IT wrote:\r\n> x") == "a\nb"


def test_full_width_marks_quote_too() -> None:
    assert new_text("好\n＞ 你好\n＞ 再见") == "好"


GMAIL = '<div dir="ltr">好的</div><div class="gmail_quote"><div class="gmail_attr">{}<br></div>{}</div>'
GMAIL_LINE = "On Mon, May 6, 2024 at 10:00 AM IT &lt;<a href='mailto:it@corp.example'>it@corp.example</a>&gt; wrote:"


@pytest.mark.parametrize(
    "html",
    [
        GMAIL.format(GMAIL_LINE, '<blockquote class="gmail_quote" style="border-left:1px solid">x</blockquote>'),
        GMAIL.format(GMAIL_LINE, "<div>x</div>"),
        "<p>好的</p><div><div style='border-top:solid #E1E1E1 1.0pt'><p><b>发件人:</b> IT &lt;it@corp.example&gt;<br>"
        "<b>发送时间:</b> 2024年5月6日<br><b>收件人:</b> 张伟<br><b>主题:</b> 打印机</p></div></div><p>x</p>",
        '<div>好的</div><hr><div id="divRplyFwdMsg"><b>Kuvheheka:</b> IT</div><div>x</div>',
        "<div>好的</div><div class='x yahoo_quoted'><div>IT, x:</div><div>y</div></div>",
        "<div>好的</div><div id='mail-editor-reference-message-container'><p>x</p></div>",
        "<div>好的</div><div><includetail><div>-----&nbsp;原始邮件&nbsp;-----</div>x</includetail></div>",
        "<p>好的</p>在 2024-05-06 10:00，IT &lt;it@corp.example&gt; 写道：<blockquote id=isReplyContent>x</blockquote>",
        "好的<div class='moz-cite-prefix'>On 06/05/2024 10:00, IT\n wrote:</div><blockquote type=cite>x</blockquote>",
        '<p>好的<br><br>06.05.2024, 10:00, "IT" &lt;it@corp.example&gt;:</p><blockquote>x</blockquote>',
        "<p>好的</p><blockquote>x</blockquote>",
    ],
)
def test_quotes_in_html_go(html: str) -> None:
    assert new_text_html(html) == "好的"


def test_inline_answers_in_html_stay() -> None:
    quotes = "<blockquote type=cite>哪台？</blockquote><div>三楼</div><blockquote type=cite>急吗？</blockquote>不急"
    html = f"{GMAIL_LINE}{quotes}"
    assert new_text_html(html) == "三楼\n不急"


def test_an_indented_block_in_html_is_no_quote() -> None:
    indented = '<blockquote style="margin:0 0 0 40px;border:none;padding:0px">步骤一</blockquote>'
    assert new_text_html(f"<p>我试过</p>{indented}<p>没用</p>") == "我试过\n\n步骤一\n没用"
    assert new_text_html('<p>我试过</p><blockquote class="gmail_quote">步骤一</blockquote>') == "我试过\n\n步骤一"
    nested = '<blockquote type="cite">x<blockquote style="margin-left:40px">y</blockquote>z</blockquote>'
    assert new_text_html(f"<p>好</p>{nested}") == "好"


def test_stray_end_tags_of_blockquotes_do_no_harm() -> None:
    assert new_text_html("<p>好</p></blockquote></blockquote>") == "好"


MAIL_LIKE = st.lists(
    st.sampled_from(
        [
            *HEADER_BLOCKS.values(),
            *DIVIDERS.values(),
            *ATTRIBUTIONS.values(),
            "> one",
            ">> two > three",
            "＞ four",
            "five",
            "",
            "-- ",
            "--",
            "Best regards",
            "Li Lei",
            "wei@corp.example",
            "Sent from my iPhone",
            "----------",
            "------ Forwarded message ------",
            "ok On Mon, May 6, 2024 at 10:00 AM, it@corp.example wrote:",
        ]
    ),
    max_size=12,
).map("\n".join)


@given(MAIL_LIKE | st.text(st.sampled_from("a\n >-:@.<>,0发件人写道 On wrote\r*|_"), max_size=400), st.booleans())
def test_only_words_of_the_mail_come_out_and_in_their_order(text: str, is_answer: bool) -> None:
    def words(of: str) -> list[str]:
        return of.replace(">", " ").replace("＞", " ").split()

    left = iter(words(text))
    assert all(word in left for word in words(new_text(text, is_answer=is_answer)))


@given(st.text(max_size=300))
def test_any_html_gives_a_text(html: str) -> None:
    assert isinstance(new_text_html(html), str)
