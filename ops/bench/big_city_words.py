"""What residents of the big city write. All of it made up here; of {part}, one of several is taken."""

from __future__ import annotations

from community.model.category import Category as C

WHERE = ("楼道里", "单元门口", "地下车库", "小区北门", "小区南门", "儿童乐园旁", "垃圾房边上", "电梯口", "顶楼平台", "沿街商铺前")
SINCE = (
    "从昨天晚上开始", "已经三天了", "一个星期没人管", "今天早上发现的", "上个月就报过", "每天半夜都这样", "下雨以后更厉害", "刚刚才发生",
)  # fmt: skip
WISH = ("麻烦来看一下", "请尽快处理", "老人小孩都不方便", "希望有人管管", "邻居们意见很大", "拍了照片", "物业说修不了", "谢谢")
RARE = (
    "红色三轮车", "绿漆长椅", "铜把手", "蓝花楹", "石狮子", "卷帘门", "葡萄架", "旧钢琴", "玻璃雨棚", "鸽子笼", "太阳能板", "假山",
    "喷水池", "乒乓球台", "快递柜", "充气拱门", "水表箱", "晾衣架", "宣传栏", "空调外机",
)  # fmt: skip
"""Each in about one of five thousand: what a clerk remembers of one ticket."""

SAID: dict[C, tuple[str, ...]] = {
    C.ELEVATOR: ("电梯停在{floor}楼不动了", "电梯里有异响，一抖一抖的", "电梯按钮按了没反应", "电梯门关不严"),
    C.LEAK: ("卫生间天花板漏水", "楼上漏水把我家墙泡了", "厨房水管渗水", "阳台下雨就渗水"),
    C.DRAINAGE: ("下水道堵了往上冒", "马桶返水", "{where}污水井满出来了", "地漏排水很慢"),
    C.WATER_SUPPLY: ("家里停水了", "水压太小上不去{floor}楼", "自来水发黄", "水龙头没水"),
    C.POWER: ("整个单元停电", "{where}电线裸露在外面", "家里老是跳闸", "电表箱冒火花"),
    C.GAS: ("燃气表走得不对", "天然气管道生锈", "灶台打不着火，怀疑没通气"),
    C.LIGHTING: ("{where}的路灯不亮了", "楼道灯坏了，摸黑上楼", "感应灯一直亮着不灭"),
    C.DOOR_ACCESS: ("单元门禁刷卡没反应", "门禁对讲机坏了", "{where}大门关不上"),
    C.FIRE_SAFETY: ("消防通道停满了车", "灭火器过期了", "{where}堆了杂物堵住安全出口"),
    C.EBIKE: ("电动车推进楼道充电", "飞线充电从{floor}楼拉下来", "充电桩坏了两个"),
    C.PARKING: ("车位被别人占了", "{where}乱停车出不去", "外来车辆停在人行道上"),
    C.SANITATION: ("{where}垃圾没人清", "垃圾桶满了发臭", "大件家具丢在{where}", "狗屎没人扫"),
    C.GREENING: ("树枝挡住{floor}楼窗户", "草坪都枯了", "{where}的树歪了怕倒"),
    C.NOISE: ("楼上半夜装修吵得睡不着", "广场舞音响太响", "{where}店里放喇叭", "空压机嗡嗡响一整夜"),
    C.FUMES: ("饭店油烟直往家里灌", "{where}有股焦味", "楼下烧烤摊呛人"),
    C.ILLEGAL_BUILDING: ("顶楼有人搭房子", "一楼院子违章搭建", "{where}砌了一堵墙"),
    C.PETS: ("有人遛狗不牵绳", "流浪猫越来越多", "隔壁狗叫到半夜"),
    C.PESTS: ("家里有白蚁", "{where}老鼠乱窜", "蟑螂从管道爬出来"),
    C.PROPERTY_SERVICE: ("物业电话打不通", "保安不在岗", "物业费涨了没说明"),
    C.RENOVATION: ("{floor}楼装修砸承重墙", "装修垃圾堆在{where}", "周末还在装修"),
    C.FALLING_OBJECT: ("楼上往下扔烟头", "外墙瓷砖掉下来", "{floor}楼掉下来一个花盆"),
    C.ROAD: ("{where}的路面塌了一块", "井盖翘起来了", "减速带松了"),
    C.DISPUTE: ("和楼上为漏水吵起来了", "邻居把鞋柜放在公共走廊", "晾衣服滴水起了争执"),
    C.ELDERLY_CARE: ("独居老人两天没出门", "想给妈妈申请助餐", "轮椅上不了{where}的坡"),
    C.PUBLIC_HEALTH: ("{where}积水长蚊子", "小诊所没有牌照"),
    C.PUBLIC_SECURITY: ("电瓶被偷了", "{where}有人打架", "陌生人挨家挨户敲门"),
    C.OTHER: ("想问问社区活动室开放时间", "小区里手机没信号", "报箱被撬了"),
}
SEASONS: dict[str, frozenset[int]] = {
    "暖气片不热": frozenset({12, 1, 2}),
    "台风把{where}的树吹倒了": frozenset({8, 9}),
    "梅雨天墙面发霉": frozenset({6}),
}
"""Said in one of ten reports of these months, and in none of others."""
WEIGHTS: dict[C, int] = {C.PARKING: 9, C.SANITATION: 9, C.NOISE: 8, C.LEAK: 7, C.ELEVATOR: 6, C.PROPERTY_SERVICE: 6, C.LIGHTING: 5}
"""Of the others two each."""
EACH = 2
EXAMPLES = {
    "frequent": ("电梯", "停车", "漏水", "垃圾", "装修"),
    "seldom": ("白蚁", "承重墙", "轮椅", "瓷砖", "牌照"),
    "seasonal": ("暖气", "台风", "发霉"),
    "several": ("电梯 异响", "楼上 漏水", "车库 停车", "垃圾 北门", "装修 半夜"),
}
"""Words that a clerk looks for, by how often they were said."""
