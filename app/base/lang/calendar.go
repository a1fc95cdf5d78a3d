package lang

// Names and orders follow Unicode CLDR 48 where it has them. Ranges are written so that no name of a day has to change
// its case: Slavic languages put a dash where German says "bis".

func german() calendar {
	return calendar{
		weekdays:      [7]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
		weekdaysShort: [7]string{"So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"},
		months: [12]string{"Januar", "Februar", "März", "April", "Mai", "Juni",
			"Juli", "August", "September", "Oktober", "November", "Dezember"},
		monthsShort: [12]string{"Jan", "Feb", "März", "Apr", "Mai", "Juni", "Juli", "Aug", "Sep", "Okt", "Nov", "Dez"},
		day:         "{weekday}, {day}. {month}", dayYear: "{day}. {month} {year}", weekdayYear: "{weekday}, {day}. {month} {year}",
		short: "{weekday} {day}. {month}", shortYear: "{weekday} {day}. {month} {year}",
		bare: true, clock: "{time} Uhr",
		comma: ", ", gap: " ", today: "heute", tomorrow: "morgen", yesterday: "gestern", dated: "{at}, {day}. {month}",
		allDay: "ganztägig", daily: "täglich", from: "ab {start} Uhr", until: "bis {end} Uhr", both: "von {start} bis {end} Uhr",
		span: "{first}, bis {last}",
	}
}

// english is British: the twenty-four hours are those on every door in Germany.
func english() calendar {
	return calendar{
		weekdays:      [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		weekdaysShort: [7]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
		months: [12]string{"January", "February", "March", "April", "May", "June",
			"July", "August", "September", "October", "November", "December"},
		monthsShort: [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"},
		day:         "{weekday}, {day} {month}", dayYear: "{day} {month} {year}", weekdayYear: "{weekday}, {day} {month} {year}",
		short: "{weekday} {day} {month}", shortYear: "{weekday} {day} {month} {year}",
		hour2: true, clock: "{time}",
		comma: ", ", gap: " ", today: "today", tomorrow: "tomorrow", yesterday: "yesterday", dated: "{at}, {day} {month}",
		allDay: "all day", daily: "daily", from: "from {start}", until: "until {end}", both: "from {start} to {end}",
		span: "{first}, to {last}",
	}
}

func turkish() calendar {
	return calendar{
		weekdays:      [7]string{"Pazar", "Pazartesi", "Salı", "Çarşamba", "Perşembe", "Cuma", "Cumartesi"},
		weekdaysShort: [7]string{"Paz", "Pzt", "Sal", "Çar", "Per", "Cum", "Cmt"},
		months: [12]string{"Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran",
			"Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım", "Aralık"},
		monthsShort: [12]string{"Oca", "Şub", "Mar", "Nis", "May", "Haz", "Tem", "Ağu", "Eyl", "Eki", "Kas", "Ara"},
		day:         "{day} {month} {weekday}", dayYear: "{day} {month} {year}", weekdayYear: "{day} {month} {year} {weekday}",
		short: "{day} {month} {weekday}", shortYear: "{day} {month} {year} {weekday}",
		hour2: true, clock: "{time}",
		comma: ", ", gap: ", ", today: "bugün", tomorrow: "yarın", yesterday: "dün", dated: "{at}, {day} {month}",
		// "olana kadar": the ending of "12:00'ye kadar" would change with every number.
		allDay: "tüm gün", daily: "her gün", from: "saat {start} itibarıyla", until: "saat {end} olana kadar", both: "{start}–{end} arası",
		span: "{first} – {last}",
	}
}

func ukrainian() calendar {
	return calendar{
		weekdays:      [7]string{"неділя", "понеділок", "вівторок", "середа", "четвер", "пʼятниця", "субота"},
		weekdaysShort: [7]string{"нд", "пн", "вт", "ср", "чт", "пт", "сб"},
		months: [12]string{"січня", "лютого", "березня", "квітня", "травня", "червня",
			"липня", "серпня", "вересня", "жовтня", "листопада", "грудня"},
		monthsShort: [12]string{"січ.", "лют.", "бер.", "квіт.", "трав.", "черв.", "лип.", "серп.", "вер.", "жовт.", "лист.", "груд."},
		day:         "{weekday}, {day} {month}", dayYear: "{day} {month} {year} р.", weekdayYear: "{weekday}, {day} {month} {year} р.",
		short: "{weekday}, {day} {month}", shortYear: "{weekday}, {day} {month} {year} р.",
		hour2: true, clock: "{time}",
		comma: ", ", gap: " ", today: "сьогодні", tomorrow: "завтра", yesterday: "вчора", dated: "{at}, {day} {month}",
		allDay: "весь день", daily: "щодня", from: "з {start}", until: "до {end}", both: "з {start} до {end}",
		span: "{first} – {last}",
	}
}

func russian() calendar {
	return calendar{
		weekdays:      [7]string{"воскресенье", "понедельник", "вторник", "среда", "четверг", "пятница", "суббота"},
		weekdaysShort: [7]string{"вс", "пн", "вт", "ср", "чт", "пт", "сб"},
		months: [12]string{"января", "февраля", "марта", "апреля", "мая", "июня",
			"июля", "августа", "сентября", "октября", "ноября", "декабря"},
		monthsShort: [12]string{"янв.", "февр.", "мар.", "апр.", "мая", "июн.", "июл.", "авг.", "сент.", "окт.", "нояб.", "дек."},
		day:         "{weekday}, {day} {month}", dayYear: "{day} {month} {year} г.", weekdayYear: "{weekday}, {day} {month} {year} г.",
		short: "{weekday}, {day} {month}", shortYear: "{weekday}, {day} {month} {year} г.",
		hour2: true, clock: "{time}",
		comma: ", ", gap: " ", today: "сегодня", tomorrow: "завтра", yesterday: "вчера", dated: "{at}, {day} {month}",
		allDay: "весь день", daily: "ежедневно", from: "с {start}", until: "до {end}", both: "с {start} до {end}",
		span: "{first} – {last}",
	}
}

// arabic names a month as the United Nations do, in the Levant's way and the Egyptian way together: "تشرين الأول" says
// nothing to a family from Cairo, "أكتوبر" little to one from Aleppo. Digits are European, as on the door.
func arabic() calendar {
	return calendar{
		weekdays:      [7]string{"الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت"},
		weekdaysShort: [7]string{"الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت"},
		months: [12]string{"كانون الثاني/يناير", "شباط/فبراير", "آذار/مارس", "نيسان/أبريل", "أيار/مايو", "حزيران/يونيو",
			"تموز/يوليو", "آب/أغسطس", "أيلول/سبتمبر", "تشرين الأول/أكتوبر", "تشرين الثاني/نوفمبر", "كانون الأول/ديسمبر"},
		monthsShort: [12]string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"},
		day:         "{weekday}، {day} {month}", dayYear: "{day} {month} {year}", weekdayYear: "{weekday}، {day} {month} {year}",
		short: "{weekday} {day}/{month}", shortYear: "{weekday} {day}/{month}/{year}",
		hour2: true, clock: "{time}",
		comma: "، ", gap: " ", today: "اليوم", tomorrow: "غدًا", yesterday: "أمس", dated: "{at}، {day} {month}",
		allDay: "طوال النهار", daily: "يوميًا", from: "من الساعة {start}", until: "حتى الساعة {end}", both: "من الساعة {start} حتى الساعة {end}",
		span: "من {first} إلى {last}",
	}
}

func polish() calendar {
	return calendar{
		weekdays:      [7]string{"niedziela", "poniedziałek", "wtorek", "środa", "czwartek", "piątek", "sobota"},
		weekdaysShort: [7]string{"niedz.", "pon.", "wt.", "śr.", "czw.", "pt.", "sob."},
		months: [12]string{"stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca",
			"lipca", "sierpnia", "września", "października", "listopada", "grudnia"},
		monthsShort: [12]string{"sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru"},
		day:         "{weekday}, {day} {month}", dayYear: "{day} {month} {year}", weekdayYear: "{weekday}, {day} {month} {year}",
		short: "{weekday}, {day} {month}", shortYear: "{weekday}, {day} {month} {year}",
		hour2: true, clock: "{time}",
		comma: ", ", gap: " ", today: "dziś", tomorrow: "jutro", yesterday: "wczoraj", dated: "{at}, {day} {month}",
		allDay: "cały dzień", daily: "codziennie", from: "od {start}", until: "do {end}", both: "od {start} do {end}",
		span: "{first} – {last}",
	}
}
