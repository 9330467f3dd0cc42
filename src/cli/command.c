#include "cli/command.h"

#define YES                                \
	{                                  \
		"yes", NULL, "Do not ask." \
	}
#define END                      \
	{                        \
		NULL, NULL, NULL \
	}

static const struct command_option init_options[] = {
	{ "pack", "FOLDER", "The pack to begin with (needed)." },
	{ "origin", "NAME", "What the ledger is called in its checkpoints; a fresh name unless given." },
	END
};
static const struct command_option login_options[] = {
	{ "code", "CODE", "First sign-in with a one-time code: the password that is asked for is the new one." }, END
};
static const struct command_option act_options[] = {
	{ "dry-run", NULL, "Try it: everything is checked and nothing is kept." },
	{ "for", "REF", "Act for this party, by a mandate or as its staff." },
	{ "key", "KEY", "Idempotency key: the same key and request act once only. A fresh one unless given." },
	{ "read", "VERSION", "The version that you read: refused when the record changed since. `correct` needs it." },
	{ "reason", "TEXT", "Why, for `correct` and for refusing." },
	END
};
static const struct command_option import_options[] = {
	{ "dry-run", NULL, "Check every row, law too, and keep nothing." },
	{ "reject", "FILE", "Where the rejected rows go; FILE.csv.rejected.csv unless given." },
	{ "key", "COLUMN",
	  "Keep this column as the other system's name of each record, for columns like guest# of later files." },
	{ "again", NULL, "Though this very file was imported before." },
	END
};
static const struct command_option demo_options[] = {
	{ "people", "COUNT", "How many people live there; 10000 unless given." },
	{ "seed", "NUMBER", "The same number makes the same country; 1 unless given." },
	{ "pack", "FOLDER", "The pack, with its demo.yaml; packs/kz unless given." },
	END
};
static const struct command_option show_options[] = {
	{ "purpose", "PURPOSE", "Why an official opens the record; the person will see it." },
	{ "case", "NUMBER", "The case that it is for, where the purpose asks for one." },
	{ "finding", "NUMBER", "Open the record of a finding from the work queue instead of REGISTER and REF." },
	END
};
static const struct command_option check_options[] = {
	{ "pack", "FOLDER", "The pack whose places and fields are meant." }, END
};
static const struct command_option install_options[] = {
	YES,
	{ "widen", NULL, "Yes too to what gives a role or everybody more than before." },
	{ "approve", "NAME,NAME",
	  "Two accounts that may install packs; their passwords are asked for. Not in a demo, and not before there is "
	  "one." },
	END
};
static const struct command_option restore_options[] = { YES, END };
static const struct command_option day_options[] = { { "day", "DAY", "As of this day instead of today." }, END };
static const struct command_option add_options[] = {
	{ "role", "ROLE[@PLACE][:PARTY]", "A role, with its territory, and the party that it acts for." },
	{ "party", "REF", "The person's own record." },
	{ "password-stdin", NULL, "Take the password from standard input; else a one-time code is made." },
	END
};
static const struct command_option role_options[] = { { "role", "ROLE[@PLACE][:PARTY]", "The role (needed)." }, END };
static const struct command_option password_options[] = {
	{ "password-stdin", NULL, "Take the password from standard input, which is done without a terminal anyway." },
	END
};
static const struct command_option clock_options[] = {
	{ "to", "DAY",
	  "Move it forward to the beginning of this day, or to an instant; all that is due on the way runs." },
	END
};
static const struct command_option help_options[] = { { "man", NULL, "Print the manual page." }, END };

/* clang-format off */
static const struct command commands[] = {
	{ "init", "DIR --pack FOLDER", 1, 1, init_options, false, init_command, {
		"Пакеттен жаңа тіркеу жүйесін жасау",
		"Создать новое хранилище из пакета",
		"Make a new installation from a pack" } },
	{ "serve", "DIR [--listen ADDRESS:PORT]", 1, 1, NULL, true, serve_command, {
		"Серверді іске қосу",
		"Запустить сервер",
		"Run the server" } },
	{ "login", "DIR ACCOUNT", 2, 2, login_options, false, login_command, {
		"Кіру: act және show үшін сеанс",
		"Войти: сеанс для act и show",
		"Sign in: a session for act and show" } },
	{ "logout", "DIR", 1, 1, NULL, false, logout_command, {
		"Шығу",
		"Выйти",
		"Sign out" } },
	{ "act", "DIR REGISTER ACTION [REF] [FIELD=VALUE …]", 3, COMMAND_WORDS_ANY, act_options, false, act_command, {
		"Әрекет орындау; FIELD=@файл немесе FIELD=- мәнді файлдан не кірістен алады",
		"Выполнить действие; FIELD=@файл или FIELD=- берёт значение из файла или ввода",
		"Run an action; FIELD=@file or FIELD=- takes the value from a file or standard input" } },
	{ "import", "DIR REGISTER ACTION FILE.csv", 4, 4, import_options, false, import_command, {
		"CSV жолдарын енгізу, өтпегендерін себебімен бөлек файлға жазу",
		"Внести строки CSV, непринятые — в отдельный файл с причиной",
		"Enter the rows of a CSV; those rejected go into a file with the reason" } },
	{ "demo", "DIR", 1, 1, demo_options, false, demo_command, {
		"Ойдан шығарылған адамдары бар үлгі жасау",
		"Создать демонстрацию с выдуманными людьми",
		"Make a demonstration with invented people" } },
	{ "show", "DIR [REGISTER [REF]]", 1, 3, show_options, false, show_command, {
		"Жазбаны көрсету; басқа адамдікін тек мақсатпен",
		"Показать запись; чужую — только с целью",
		"Show a record; another person's only for a purpose" } },
	{ "check", "TYPE [VALUE …]", 1, COMMAND_WORDS_ANY, check_options, false, check_command, {
		"Мәндерді тексеру: ЖСН, күн, құжат …",
		"Проверить значения: ИИН, день, документ …",
		"Check values: IINs, days, documents …" } },
	{ "pack check", "FOLDER", 1, 1, NULL, false, pack_check_command, {
		"Пакетті тексеру: барлық қатесін бірден",
		"Проверить пакет: все ошибки сразу",
		"Check a pack: every fault at once" } },
	{ "pack codes", "FOLDER", 1, 1, NULL, false, pack_codes_command, {
		"Пакеттің codes.yaml файлына жетіспейтін сандарды қосу",
		"Дописать недостающие числа в codes.yaml пакета",
		"Give numbers to what codes.yaml lacks" } },
	{ "pack diff", "FOLDER FOLDER", 2, 2, NULL, false, pack_diff_command, {
		"Екі пакеттің айырмашылығы",
		"Чем отличаются два пакета",
		"What the second pack changes" } },
	{ "pack install", "DIR FOLDER", 2, 2, install_options, false, pack_install_command, {
		"Пакеттің жаңа редакциясын орнату",
		"Установить новую редакцию пакета",
		"Install a new edition of the pack" } },
	{ "law list", "DIR", 1, 1, day_options, false, law_list_command, {
		"Заң нормалары; күшіндегілері * белгісімен",
		"Нормы закона; действующие отмечены *",
		"Provisions of law; * marks those in force" } },
	{ "law evaluate", "DIR", 1, 1, NULL, false, law_evaluate_command, {
		"Барлық міндет пен бұзушылықты қайта табу",
		"Найти все обязанности и нарушения заново",
		"Find all obligations and breaches anew" } },
	{ "verify", "DIR", 1, 1, NULL, false, verify_command, {
		"Журналдың бүтіндігін тексеру",
		"Проверить целость журнала",
		"Check that the ledger is sound" } },
	{ "user add", "DIR NAME", 2, 2, add_options, false, user_add_command, {
		"Есептік жазба ашу",
		"Завести учётную запись",
		"Make an account" } },
	{ "user grant", "DIR NAME --role ROLE", 2, 2, role_options, false, user_grant_command, {
		"Рөл беру",
		"Дать роль",
		"Give a role" } },
	{ "user revoke", "DIR NAME --role ROLE", 2, 2, role_options, false, user_revoke_command, {
		"Рөлді алып қою",
		"Забрать роль",
		"Take a role away" } },
	{ "user code", "DIR NAME", 2, 2, NULL, false, user_code_command, {
		"Жаңа бір реттік код",
		"Новый одноразовый код",
		"A fresh one-time code" } },
	{ "user password", "DIR NAME", 2, 2, password_options, false, user_password_command, {
		"Құпиясөз қою (сервер тоқтап тұрғанда)",
		"Задать пароль (при остановленном сервере)",
		"Set a password (while no server runs)" } },
	{ "user list", "DIR", 1, 1, NULL, false, user_list_command, {
		"Есептік жазбалар мен рөлдері",
		"Учётные записи и их роли",
		"Accounts and their roles" } },
	{ "user close", "DIR NAME", 2, 2, NULL, false, user_close_command, {
		"Есептік жазбаны жабу",
		"Закрыть учётную запись",
		"Close an account" } },
	{ "backup", "DIR FILE", 2, 2, NULL, false, backup_command, {
		"Деректерді сақтау, сервер жұмыс істеп тұрса да",
		"Сохранить данные, можно при работающем сервере",
		"Save the store, while the server runs too" } },
	{ "restore", "DIR FILE", 2, 2, restore_options, false, restore_command, {
		"Сақталған деректерді қайтару",
		"Вернуть сохранённые данные",
		"Bring a saved store back" } },
	{ "clock", "DIR [--to DAY]", 1, 1, clock_options, false, clock_command, {
		"Үлгінің сағатын алға жылжыту",
		"Перевести часы демонстрации вперёд",
		"Move a demonstration's clock forward" } },
	{ "help", "[COMMAND]", 0, 2, help_options, false, help_command, {
		"Бұйрықтар туралы анықтама",
		"Справка о командах",
		"Help on the commands" } },
};
/* clang-format on */

static const struct command_option global_options[] = {
	{ "json", NULL, "Answer in JSON; problems too, as problem details." },
	{ "lang", "kk|ru|en", "Speak this language; else that of the environment, else English." },
	{ "help", NULL, "Help on this command." },
	END
};

const struct command *
command_table(size_t *ret_count)
{
	*ret_count = ARRAY_COUNT(commands);
	return commands;
}

const struct command_option *
command_global_options(void)
{
	return global_options;
}
