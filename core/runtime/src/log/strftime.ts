const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

/**
 * Formats local time as C's strftime does in the C locale. Of POSIX's conversions only the alternative forms (`%E?`, `%O?`) are
 * reduced to the plain ones; what is no conversion is copied as it stands.
 */
export function strftime(format: string, date: Date): string {
  let text = "";
  for (let i = 0; i < format.length; i++) {
    if (format[i] !== "%" || i + 1 >= format.length) {
      text += format[i];
      continue;
    }
    let letter = format[++i];
    if ((letter === "E" || letter === "O") && i + 1 < format.length) letter = format[++i];
    text += conversion(letter, date);
  }
  return text;
}

function conversion(letter: string, date: Date): string {
  switch (letter) {
    case "a":
      return DAYS[date.getDay()].slice(0, 3);
    case "A":
      return DAYS[date.getDay()];
    case "b":
    case "h":
      return MONTHS[date.getMonth()].slice(0, 3);
    case "B":
      return MONTHS[date.getMonth()];
    case "c":
      return strftime("%a %b %e %H:%M:%S %Y", date);
    case "C":
      return pad(Math.floor(date.getFullYear() / 100), 2);
    case "d":
      return pad(date.getDate(), 2);
    case "D":
    case "x":
      return strftime("%m/%d/%y", date);
    case "e":
      return String(date.getDate()).padStart(2, " ");
    case "F":
      return strftime("%Y-%m-%d", date);
    case "G":
      return String(isoWeek(date).year);
    case "g":
      return pad(isoWeek(date).year % 100, 2);
    case "H":
      return pad(date.getHours(), 2);
    case "I":
      return pad(date.getHours() % 12 || 12, 2);
    case "j":
      return pad(dayOfYear(date) + 1, 3);
    case "k":
      return String(date.getHours()).padStart(2, " ");
    case "l":
      return String(date.getHours() % 12 || 12).padStart(2, " ");
    case "m":
      return pad(date.getMonth() + 1, 2);
    case "M":
      return pad(date.getMinutes(), 2);
    case "n":
      return "\n";
    case "p":
      return date.getHours() < 12 ? "AM" : "PM";
    case "P":
      return date.getHours() < 12 ? "am" : "pm";
    case "r":
      return strftime("%I:%M:%S %p", date);
    case "R":
      return strftime("%H:%M", date);
    case "s":
      return String(Math.floor(date.getTime() / 1000));
    case "S":
      return pad(date.getSeconds(), 2);
    case "t":
      return "\t";
    case "T":
    case "X":
      return strftime("%H:%M:%S", date);
    case "u":
      return String(date.getDay() || 7);
    case "U":
      return pad(Math.floor((dayOfYear(date) + 7 - date.getDay()) / 7), 2);
    case "V":
      return pad(isoWeek(date).week, 2);
    case "w":
      return String(date.getDay());
    case "W":
      return pad(Math.floor((dayOfYear(date) + 7 - ((date.getDay() + 6) % 7)) / 7), 2);
    case "y":
      return pad(date.getFullYear() % 100, 2);
    case "Y":
      return String(date.getFullYear());
    case "z":
      return offset(date);
    case "Z":
      return zoneName(date);
    case "%":
      return "%";
    default:
      return `%${letter}`;
  }
}

/** Days since January 1st, 0..365. In UTC arithmetic, as local days may have 23 or 25 hours. */
function dayOfYear(date: Date): number {
  return (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - Date.UTC(date.getFullYear(), 0, 1)) / 86_400_000;
}

/** Week and year of ISO 8601: the week of the year that has its Thursday. */
function isoWeek(date: Date): { readonly week: number; readonly year: number } {
  const thursday = new Date(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate() + 4 - (date.getDay() || 7)));
  const year = thursday.getUTCFullYear();
  return { week: Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / 604_800_000) + 1, year };
}

function offset(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const absolute = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${pad(Math.floor(absolute / 60), 2)}${pad(absolute % 60, 2)}`;
}

function zoneName(date: Date): string {
  const parts = new Intl.DateTimeFormat("en-US", { timeZoneName: "short" }).formatToParts(date);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "";
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
