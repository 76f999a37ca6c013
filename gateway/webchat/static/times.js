// Times as WeChat writes them, always on Shanghai's clock: a resident who travels still reads the community's time.

const PARTS = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai",
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const DAY = 24 * 3600 * 1000;
const WEEKDAYS = ["星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"];

function pieces(date) {
  const found = {};
  for (const part of PARTS.formatToParts(date)) found[part.type] = part.value;
  return found;
}

function dayNumber(found) {
  return Math.floor(Date.UTC(Number(found.year), Number(found.month) - 1, Number(found.day)) / DAY);
}

export function timeLabel(date, now = new Date()) {
  const then = pieces(date);
  const today = pieces(now);
  const clock = `${then.hour}:${then.minute}`;
  const behind = dayNumber(today) - dayNumber(then);
  if (behind === 0) return clock;
  if (behind === 1) return `昨天 ${clock}`;
  if (behind > 1 && behind < 7) return `${WEEKDAYS[(dayNumber(then) + 4) % 7]} ${clock}`;
  const monthDay = `${Number(then.month)}月${Number(then.day)}日 ${clock}`;
  return then.year === today.year ? monthDay : `${then.year}年${monthDay}`;
}
