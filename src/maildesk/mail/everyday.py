"""How natural a text reads: what decides between charsets that could both be meant, where there are few characters."""

import re

# What mails to a help desk and the texts of programs are written with, simplified and traditional.
_HANZI = frozenset(
    "一丁万三上下不与且世业东丢两严並个中串临为主丽么义之也书买了争事二于互五亚些亞交产享亮人什仅今介仍从仓他付代令以"
    "仪们件任份伊优会伟传伯伺似但位低住佐体何余作你佳併使來例供依侧侯便俊保信修個們候借倩值假偉偏做停健側偵傑備储傳僅"
    "像儘儲儿允元充先光克入內全兩八公六兰共关其具典兼内冊册再写军冯冲决况准几凯出击函分切划列刘则刚创初删別利刪别到制"
    "則前割劉力办功加务动助勇動務包化北匯匹区區十升午华协協单南博卡卢印即却卸卻历压原去参參又及双反发取受变叠口古句另"
    "只叫可台史右叶号司各合吉吊同名后向吕吗否含听启吳吴告员周呼命和品哈响員哥哪唐唯問啟單嗎嘗器嚴四回因围国图國圍圖土"
    "在地场圾址坏块垂垃型埃域執基堆報塊塔塞填境增壓壞士声处备复夏外多够大天太失头夹夾奇套女她好如妍姆始姐姚姜威娜娟婷"
    "媒子孔字存孙孟学孫學它宇安宋完官定实审客室家容宽寄密實審寫寬寸对寻导封射将將尋對導小少尔尚尝就尹尺尼尽尾局层屏展"
    "属層屬山岚崔嵌嶋川工左差己已巴市布师希带師帮帳帶常幕幫平年并序库应底废度座庫廖廢延建开异弃式引张張強弹强归当录形"
    "彤彩彭影径待很後徐徑得從復循德心必志忘快忽态怎思怡急性总恢息您情想愉意感態慢憑憶懂應成我或战截戳戴戶户所手才打执"
    "扩批找承把投折护报拉拒择括持挂指按损换捨据捲捷授排掛接控推描提插換援損搜撤擇擊操據擬擴支收改放政故效敏敗教散敬数"
    "整數文斎料斜断斯新斷方於旗无日旧早时昇昊明星映昨是显時晚晨普景晴暂暫曦更書曹曼曾替最會月有服望期木未末本术朱机权"
    "李村杜束杠条来杨杰東板构析林果架某查标栈栏树校样核根格桂框案档梁梅梓條检棄楊業楼構様槽樓標模樣樹橋機檔檢欄權次欣"
    "欧歐止正此步武歷死殊段毀母每毒比毛民气水永求江汤汪決沈沒没治況法波注泽洋洛活流测浩浮海消涛涵深添淼清渡測游湊湯源"
    "準溢滑滚滤滿演漢潘激濾瀏点為烏烦無焦然照煩熊爭父爾片版牙物特状狀玉王玥环现玲珂現理琪琳瑞瑶璐環瓦生產用田由申电画"
    "界留略畫異當疊疏病登發白的皓监盒盖盘盡監盤盧目直相省看真眼着睿知短石码硬确碟確碼磁磊礎示礼社祝神票禁禮离秀私种科"
    "秒秦称移稀程種稱稿空突窗立章端笔符第筆等策签简算管箭箱節範簡簽籤米类精系紀約紅納紙級素索細終組結絕絡給統經維網綴"
    "緒線緣編緩縮總繪繫繼續红约级纳纸线组细终经绑结绘给络绝统继续维缀缓编缩缺网罗置署羅美群義翔翻老考者而联聚聯聲肖背"
    "胡能脑脚脫腦自至致與舊般色艳节芳苏若英范莫获莹菜華萌萨萱落葉著葛董蒋蓋蓝蔡蕭薛薩藍藏藤蘇蘭處號螢行術衝补表袁被装"
    "補裝裡製複西要覆見規視覽觀见观规视览觉角解触觸言訂計訊記設許註詞詢試話該詳誌認語誤說誰調請論謝證識譚警譯議護讀變"
    "讓计订认让议记许论设访证识词译试话询该详语误说请诸读谁调谢谭象財貯買資賈購负财败账购贺贾资赋赖走赵起超越趙足距跟"
    "路跳踪蹤身軟較載輝輯輸轉车轩转软载较辉辑输辦边达过运近返还这进远连迟述迴追退送适选透递逗這通速連週進逻逾遇運過道"
    "達遞遠適選遺還邊邓那邮邱邵邹郑郝部郭郵都鄒鄧鄭配采释釋里重量金鈕鈴銷錄錯鍵鎖鏈鐘鐵鑫鑰针钟钥钮钱链销锁错键長长閉"
    "開間閱關门闫闭问间阅队阳阻阿附际陆陈限院除陳陶陸陽隆階随隐隔際障隨隱难集雙雜離難雪雲零雷電需霖霞静非面韓韦韩音響"
    "頁頂項順須預領頭題額顏類顯页顶项顺须顾预领频题颜额风飛飞餘首馬馮驗马驱验體高魏鵬鹏麗麻麼黃黄黎默點鼠齊齐龍龔龙龚"
)
_CYRILLIC = re.compile(r"[\u0400-\u045f]+")
_RARE = 0.1
_CODECS = ("gb18030", "big5", "cp932", "euc_kr", "cp1251", "koi8_r", "euc_jp")
_WITHOUT_LABEL = 0.85  # EUC-JP is hardly ever sent without its name, and looks like Chinese
_LONGEST = 240  # octets that are looked at
_HIGH = re.compile(rb"[\x80-\xff]")
_WORTH = (  # (first, last, how natural a character of this block is)
    (0x3001, 0x3002, 0.9),
    (0x3005, 0x3011, 0.7),
    (0x3041, 0x30FC, 0.95),  # kana
    (0xAC00, 0xD7A3, 0.9),  # hangul
    (0xFF01, 0xFF1F, 0.8),
    (0x2014, 0x2026, 0.7),
)


def best(octets: bytes) -> tuple[str, float]:
    """The codec under which octets read most naturally, and how naturally, of those without any mark of their own."""
    sample = _sample(octets)
    worths = [(codec, worth(sample, codec)) for codec in _CODECS]
    return max(worths, key=lambda pair: pair[1])


def worth(octets: bytes, codec: str) -> float:
    """How natural octets read under a codec, 0 when it cannot read them."""
    try:
        text = _sample(octets).decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return 0.0
    return naturalness(text) * (_WITHOUT_LABEL if codec == "euc_jp" else 1.0)


def _sample(octets: bytes) -> bytes:
    """The first octets that are not ASCII, with those around them; cut where no character is."""
    if len(octets) <= _LONGEST:
        return octets
    start = next((run.start() for run in _HIGH.finditer(octets)), 0)
    window = octets[start : start + _LONGEST]
    end = max(window.rfind(b"\n"), window.rfind(b" "), window.rfind(b"<"))
    return window[:end] if end > _LONGEST // 4 else window[: _LONGEST // 2 * 2]


def naturalness(text: str) -> float:
    """From 0 (noise) to 1 (every character that is not ASCII is an everyday one)."""
    worths = [_worth(character) for character in text if character > "\x7f"]
    cyrillic = sum(len(word) * _worth_of_word(word) for word in _CYRILLIC.findall(text))
    return (sum(worths) + cyrillic) / len(worths) if worths else 0.0


def _worth(character: str) -> float:
    if character in _HANZI:
        return 1.0
    code = ord(character)
    return next((worth for first, last, worth in _WORTH if first <= code <= last), _other(character, code))


def _other(character: str, code: int) -> float:
    if 0xE000 <= code <= 0xF8FF:
        return -1.0
    return _RARE if 0x4E00 <= code <= 0x9FFF else 0.0


def _worth_of_word(word: str) -> float:
    """A Cyrillic word has its capitals where words have them; read in a wrong charset they are mixed up."""
    if word[1:].islower():
        return 0.95
    return 0.45 if word.isupper() else 0.0
