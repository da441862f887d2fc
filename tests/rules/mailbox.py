"""Two hundred mails of a believable company, and how a service desk's lead would judge each.

type | category | impact | urgency | group | subject | text. I incident, R service request, A alert, C change,
N information; h, m, l.
"""

_TABLE = """
I|network|h|h|l2-network|全公司断网|早上九点开始全公司都上不了网，请马上处理
I|network|m|h|l2-network|三楼断网|我们部门所有人都上不了网了，急
I|network|l|m|l2-network|VPN连不上|在家办公，VPN一直提示超时
I|network|l|m|l2-network|无线网信号弱|会议室B的wifi总是掉线
I|network|l|m|l2-network|网速很慢|打开网页要等很久
I|network|l|h|l2-network|VPN cannot connect - urgent|I am at a customer and need it immediately.
I|network|m|m|l2-network|Wifi drops on the 4th floor|Several colleagues lose the wifi every hour.
I|network|h|h|l2-network|Network down in the whole office|Nobody can work, the whole office is offline.
I|network|l|m|l2-network|Internet slow|Web pages take a minute to load since this morning.
I|network|l|l|l2-network|网口松了|工位网线接触不良，不急，有空来看看
I|network|l|m|l2-network|DNS problem|intranet.corp.example does not resolve on my PC
I|network|l|m|l2-network|专线丢包|到上海的专线今天有丢包
I|network|l|m|l2-network|Remote access fails|Remote access asks for a code and then says denied.
I|network|m|m|l2-network|整层无线网不稳定|五楼整层的无线网络时断时续
I|network|l|m|l2-network|IP地址冲突|电脑提示IP地址冲突，网络断开
R|network|l|l|l2-network|申请开通VPN|下周出差，麻烦开通VPN权限
R|network|l|l|l2-network|申请访客wifi|明天有客户来访，申请两个无线网账号
R|network|l|l|l2-network|Request: network port for room 302|We need a second network socket.
I|hardware|l|m|l1|电脑蓝屏|今天第三次蓝屏了
I|hardware|l|h|l1|笔记本开不了机|无法工作，客户在等资料
I|hardware|l|m|l1|显示器闪烁|外接显示器一直闪
I|hardware|l|m|l1|键盘进水|键盘几个键没反应
I|hardware|l|m|l1|鼠标坏了|左键不灵
I|hardware|l|m|l1|Laptop overheats|The fan is loud and the laptop shuts down.
I|hardware|l|m|l1|Docking station not recognised|My monitors stay black on the docking station.
I|hardware|l|h|l1|Laptop will not start|I cannot work at all, please help as soon as possible.
I|hardware|l|l|l1|键盘有个键松了|不着急，方便时换一个就行
I|hardware|l|m|l1|Webcam shows black picture|In every meeting the webcam of my laptop is black.
I|hardware|l|m|l1|充电器不充电|笔记本充电器插上没反应
I|hardware|l|m|l1|硬盘有异响|电脑硬盘咔咔响，担心数据
I|hardware|l|m|l1|台式机自动重启|每天重启好几次
I|hardware|l|m|l1|Battery swollen|The battery of my notebook is swollen, the case opens.
R|hardware|l|l|l1|申请一台显示器|做设计需要双屏，申请领用显示器一台
R|hardware|l|l|l1|Request for a new mouse|Could I have a wireless mouse please?
R|hardware|l|l|l1|笔记本更换申请|电脑已用六年，申请更换
R|hardware|l|l|l1|采购移动硬盘|部门需要采购两块移动硬盘
R|hardware|l|l|l1|Request: second monitor|I would like a second monitor for my desk.
I|printer|l|m|l1|打印机卡纸|三楼打印机又卡纸了
I|printer|l|m|l1|打印出来是空白|财务室打印机打出来全白
I|printer|l|m|l1|Printer offline|The printer at reception is offline.
I|printer|l|m|l1|Paper jam again|Tray 2 jams every time.
I|printer|l|m|l1|扫描仪不能用|扫描到邮箱失败
I|printer|l|h|l1|打印机坏了，急|马上要打合同，打印机报错
I|printer|m|m|l1|打印机无法使用|好几个同事都打不了
R|printer|l|l|l1|申请硒鼓|二楼打印机硒鼓用完，申请领用
R|printer|l|l|l1|Toner request|Please bring new toner for the printer in room 12.
I|printer|l|l|l1|复印机颜色偏淡|不急，有空看看复印机
I|printer|l|m|l1|Scanner does not find my mailbox|The scanner says unknown destination.
I|printer|l|m|l1|Cannot print from Excel|All other programs print fine.
I|printer|l|m|l1|打印很慢|一页要等三分钟
I|software|l|m|l1|Excel打不开|双击没有反应
I|software|l|m|l1|软件闪退|CAD软件一打开就闪退
I|software|l|m|l1|Word文档损坏|打开提示文件已损坏
I|software|l|m|l1|Browser crashes|The browser closes when I open the wiki.
I|software|l|m|l1|Office license expired|Excel says my licence has expired.
I|software|l|m|l1|Error message at start|The time tracker shows an error message at start.
I|software|l|m|l1|PDF打不开|PDF阅读器报错
I|software|l|m|l1|输入法不能切换|中文输入法切换不了
I|software|l|m|l1|Teams会议没声音|软件里选不了麦克风
I|software|l|h|l1|Outlook and Office will not start|Urgent, I cannot work.
R|software|l|l|l1|申请安装软件|麻烦安装Visio
R|software|l|l|l1|Please install Photoshop|I need it for the brochure.
R|software|l|l|l1|申请Office许可证|新电脑没有许可证
R|software|l|l|l1|Request: Visio licence|For the process drawings.
R|software|l|l|l1|软件采购申请|申请购买三套CAD许可证
I|software|l|m|l1|浏览器证书错误|打开内网提示证书不安全
I|software|l|m|l1|Update fails|Windows update stops at 30 percent every time.
I|software|l|m|l1|系统更新失败|Windows更新一直失败
I|account|l|m|l1|无法登录|输入密码提示账号被锁定
I|account|l|m|l1|Account locked|I am locked out after three attempts.
R|account|l|m|l1|重置密码|请帮我重置域密码
R|account|l|m|l1|忘记密码|放假回来忘记密码了
R|account|l|m|l1|Password reset|Please reset my password.
R|account|l|m|l1|I forgot my password|Can you help?
R|account|l|m|l1|密码过期|密码过期改不了
R|account|l|h|l1|重置密码，急|马上要开会，忘记密码进不去
I|account|l|m|l1|Cannot log in|It says unknown user since today.
I|account|l|m|l1|MFA code not accepted|My authenticator code is refused.
I|account|l|m|l1|账号权限不足|打开项目文件夹提示权限不足
R|account|l|l|l1|新员工入职|张三下周一入职，请开通账号和邮箱
R|account|l|l|l1|New starter on Monday|Please prepare an account for Mia Wong.
R|account|l|l|l1|员工离职|李四今天离职，请停用账号
R|account|l|l|l1|Offboarding|Tom Hill's last working day is Friday.
R|account|l|l|l1|申请增加权限|申请开通财务共享目录的权限
R|account|l|l|l1|Access to the project folder|Please give me access to folder Apollo.
R|account|l|l|l1|账号改名申请|结婚后改姓，申请修改账号名
R|account|l|l|l1|申请临时账号|实习生需要临时账号两周
R|account|l|m|l1|Password expired|I am on vacation and it cannot be changed.
I|e-mail|l|m|l2-systems|收不到邮件|从昨天起收不到邮件
I|e-mail|l|m|l2-systems|Outlook一直断开|Outlook显示已断开连接
I|e-mail|l|m|l2-systems|邮箱已满|提示邮箱已满，发不出去
I|e-mail|l|m|l2-systems|退信|发给客户的邮件都被退信
I|e-mail|l|m|l2-systems|Cannot send mail|Every mail to partner.example comes back.
I|e-mail|l|m|l2-systems|Mailbox full|My mailbox is full and I cannot delete.
I|e-mail|l|m|l2-systems|Outlook search broken|Outlook finds nothing older than May.
I|e-mail|h|h|l2-systems|邮件系统瘫痪|全公司收不到邮件
I|e-mail|h|h|l2-systems|Mail server down|Nobody in the company receives mail.
I|e-mail|m|m|l2-systems|我们部门都收不到外部邮件|整个部门的企业邮箱都收不到外部邮件
R|e-mail|l|l|l2-systems|申请公共邮箱|申请开通sales@的企业邮箱
R|e-mail|l|l|l2-systems|Request: shared mailbox|Please create a shared mailbox for HR.
I|e-mail|l|m|l2-systems|Foxmail报错|foxmail收信超时
I|e-mail|l|m|l2-systems|日历不同步|手机上的Outlook日历不同步
R|e-mail|l|l|l2-systems|申请扩容邮箱|企业邮箱容量申请扩大到20G
I|application|h|h|l2-applications|ERP系统宕机|所有人都登录不了ERP，无法开单
I|application|l|m|l2-applications|用友凭证打不开|一张用友凭证打开报错，只有我这样
I|application|h|m|l2-applications|ERP is slow|The ERP is slow for everyone since noon.
I|application|m|m|l2-applications|OA审批提交不了|OA系统点提交没反应
I|application|m|m|l2-applications|审批系统报错|审批系统提示服务器错误
I|application|l|m|l2-applications|CRM report wrong|The CRM report shows last year's numbers.
I|application|m|h|l2-applications|财务系统月结失败|财务系统月结报错，今天必须结账，非常急
R|application|l|l|l2-applications|申请ERP权限|申请开通ERP采购模块权限
R|application|l|l|l2-applications|Request: CRM access|New colleague needs access to CRM.
I|application|h|h|l2-applications|SAP down|SAP is completely down, production stops.
I|application|m|m|l2-applications|Workflow system hangs|The workflow system hangs after login.
I|application|l|m|l2-applications|金蝶导出失败|金蝶导出Excel失败，我电脑上才这样
R|application|l|l|l2-applications|OA流程修改申请|申请在OA里增加一个审批节点
I|application|l|m|l2-applications|CRM contact lost|A contact I entered in CRM yesterday is gone.
R|application|l|l|l2-applications|ERP报表咨询|咨询一下ERP库存报表怎么导出
I|server|m|m|l2-systems|共享盘打不开|部门共享盘无法访问
I|server|h|h|l2-systems|服务器宕机|核心系统服务器宕机，业务中断
I|server|m|m|l2-systems|File server slow|The file server is slow today.
I|server|m|m|l2-systems|数据库连接失败|测试数据库连不上
I|server|h|h|l2-systems|Server down|The production system server is down.
I|server|m|m|l2-systems|虚拟机磁盘已满|开发虚拟机磁盘已满
I|server|m|m|l2-systems|Shared drive missing|Drive S:, our shared drive, is gone.
R|server|l|l|l2-systems|申请虚拟机|申请一台测试虚拟机，4核8G
R|server|l|l|l2-systems|Request: new database|We need a database for the pilot.
R|server|l|l|l2-systems|文件恢复申请|误删了共享盘的文件，申请恢复上周备份
I|server|l|m|l2-systems|备份失败|昨晚备份失败了，请看看
I|security|m|h|l2-systems|收到钓鱼邮件|同事点了链接并输入了密码
I|security|m|h|l2-systems|电脑中毒|杀毒软件报木马
I|security|m|h|l2-systems|Phishing mail|Looks like our bank and asks for passwords.
I|security|m|h|l2-systems|Ransomware?|All my files end in .locked
I|security|m|h|l2-systems|账号被盗|有人用我的邮箱发邮件
I|security|m|h|l2-systems|Virus warning|My laptop shows a virus warning.
I|security|m|h|l2-systems|数据泄露|客户名单疑似泄露到网上
I|security|m|h|l2-systems|My account was hacked|There are logins from abroad.
I|security|h|h|l2-systems|勒索病毒|全公司文件被加密
I|security|m|h|l2-systems|Suspicious malware on USB stick|The scanner found malware on it.
A|monitoring|h|h|l2-systems|@CRITICAL: db01 down|host unreachable
A|monitoring|l|m|l2-systems|@WARNING: disk 85% on web02|
A|monitoring|l|l|l2-systems|@RESOLVED: db01|back to normal
A|monitoring|h|h|l2-systems|@严重告警 数据库宕机|
A|monitoring|l|l|l2-systems|@恢复 交换机sw12|
A|monitoring|l|m|l2-systems|@PROBLEM: CPU load app03|load 12
A|monitoring|l|l|l2-systems|@OK: web01 recovered|
A|monitoring|h|h|l2-systems|@[FIRING] KubeNodeDown|
A|monitoring|l|m|l2-systems|@告警 内存使用率90%|
A|monitoring|l|m|l2-systems|@Info: certificate expires in 20 days|
I|telephone|l|m|l1|座机没有声音|分机8021没声音
I|telephone|l|m|l1|Desk phone dead|My desk phone shows nothing.
I|telephone|l|h|l1|视频会议连不上|视频会议马上开始，连不上，急
I|telephone|l|m|l1|Video conference has no sound|In room Berlin.
R|telephone|l|l|l1|申请分机号|新同事申请一个座机分机
I|telephone|m|m|l1|电话会议系统故障|多个同事反映电话会议进不去
R|telephone|l|l|l1|Request for a headset|For calls with my desk phone.
I|telephone|l|m|l1|投屏失败|会议室视频会议投屏没有画面
R|other|l|l|l1|咨询|请问IT服务台几点下班？
R|other|l|l|l1|Question about the guest room|Whom do I ask for the projector? A request, no hurry.
I|other|l|m|l1|投影仪不亮|会议室A的投影仪没有图像
I|other|l|m|l1|Projector dark|The projector in room 2 stays dark.
I|other|l|m|l1|门禁卡刷不开|我的门禁卡刷不开门
I|other|l|m|l1|Badge does not open the door|Since today.
I|other|l|m|l1|Help|Something is strange here, please call me.
I|other|l|m|l1|帮忙看看|有个问题想请你们过来看一下
R|other|l|l|l1|门禁权限申请|申请开通机房门禁
C|change|l|l|l2-systems|变更申请：服务器重启|申请本周六晚重启应用服务器
C|change|l|l|l2-network|变更申请：交换机升级|周日凌晨升级交换机固件
C|change|l|l|l2-systems|Change request: patch web01|Saturday 22:00, 30 minutes.
C|change|l|l|l2-network|Change request: firewall rule|Open port 443 to vendor.example.
C|change|l|l|l2-applications|变更申请 ERP补丁|周末安装ERP补丁
I|network|h|h|l2-network|网络中断|整个公司网络中断
I|network|m|h|l2-network|Network outage in the sales team|The whole team is offline, asap please.
I|hardware|l|m|l1|主机没反应|按电源主机没反应
I|hardware|l|m|l1|Hard disk full|My laptop says the hard disk is full.
I|account|l|m|l1|登不上OA|提示账号不存在
I|printer|l|m|l1|Printing is crooked|Every page is crooked.
I|software|l|m|l1|激活失败|Office提示激活失败
I|e-mail|l|m|l2-systems|邮件发不出去|点发送一直在发件箱里
I|e-mail|l|m|l2-systems|Mails arrive late|Mails from outside arrive two hours late in Outlook.
R|account|l|l|l1|New employee|Please set up everything for our new employee in finance.
I|network|l|m|l2-network|公司网站打不开|我这边网络打不开公司网站
I|security|m|h|l2-systems|可疑邮件|收到可疑邮件，要求转账，像诈骗
I|application|h|h|l2-applications|生产系统停产|MES生产系统崩溃，停产了
I|server|m|m|l2-systems|网盘同步失败|部门共享文件夹同步失败
I|hardware|l|l|l1|Monitor stand loose|No rush, the stand of my monitor wobbles.
I|software|l|m|l1|Excel macros blocked|Excel blocks our macros since the update.
I|hardware|m|m|l1|培训室多台电脑开不了机|培训室多台电脑无法开机
I|printer|l|m|l1|墨盒提示错误|换了墨盒还是提示错误
R|software|l|l|l1|Request: update of Java|Our tool needs Java 21.
I|network|l|m|l2-network|交换机口灯不亮|工位交换机端口灯不亮，上不了网
I|hardware|l|m|l1|屏幕花屏|笔记本屏幕花屏
I|printer|l|m|l1|Toner smears|The printer smears toner on every page.
I|software|l|m|l1|许可证过期|CAD许可证过期打不开
I|account|l|m|l1|Sign in loop|The portal asks me to sign in again and again.
I|e-mail|l|m|l2-systems|Calendar missing|My calendar in Outlook is empty.
R|hardware|l|l|l1|Request: laptop for a new project|We need two laptops in May.
I|server|m|m|l2-systems|测试服务器很慢|测试服务器登录要一分钟
I|security|m|h|l2-systems|中毒了|U盘插上后杀毒软件提示病毒
I|other|l|m|l1|空调遥控|会议室的遥控器没反应
"""
_TYPES = {"I": "incident", "R": "service request", "A": "alert", "C": "change", "N": "information"}
_DEGREES = {"h": "high", "m": "medium", "l": "low"}


def rows() -> list[tuple[dict[str, str], dict[str, str]]]:
    """(what is right, the mail) of each."""
    found = []
    for line in _TABLE.strip().splitlines():
        kind, category, impact, urgency, group, subject, text = line.split("|")
        machine = subject.startswith("@")
        right = {
            "type": _TYPES[kind],
            "category": category,
            "impact": _DEGREES[impact],
            "urgency": _DEGREES[urgency],
            "group": group,
        }
        sender = "alerts@monitoring.example" if machine else "ann@corp.example"
        found.append((right, {"subject": subject.removeprefix("@"), "text": text, "sender": sender}))
    return found
