#include "cli/command.h"

/* clang-format off */
#define YES { "yes", NULL, { "Сұрамау.", "Не спрашивать.", "Do not ask." } }
#define END { NULL, NULL, { NULL } }

static const struct command_option init_options[] = {
	{ "pack", "FOLDER", {
		"Бастапқы пакет (қажет).",
		"Пакет, с которого начать (нужен).",
		"The pack to begin with (needed)." } },
	{ "origin", "NAME", {
		"Журналдың атауы, бақылау нүктелерінде тұрады; берілмесе, жаңа атау.",
		"Имя журнала в его контрольных точках; если не дано, новое.",
		"What the ledger is called in its checkpoints; a fresh name unless given." } },
	END
};
static const struct command_option login_options[] = {
	{ "code", "CODE", {
		"Бір реттік кодпен алғашқы кіру: сұралатын құпиясөз жаңа болады.",
		"Первый вход по одноразовому коду: запрошенный пароль будет новым.",
		"First sign-in with a one-time code: the password that is asked for is the new one." } },
	END
};
static const struct command_option act_options[] = {
	{ "dry-run", NULL, {
		"Байқап көру: бәрі тексеріледі, ештеңе сақталмайды.",
		"Проба: всё проверяется, ничего не сохраняется.",
		"Try it: everything is checked and nothing is kept." } },
	{ "for", "REF", {
		"Осы тұлғаның атынан әрекет ету: өкілеттікпен немесе қызметкері ретінде.",
		"Действовать за это лицо: по полномочию или как его сотрудник.",
		"Act for this party, by a mandate or as its staff." } },
	{ "key", "KEY", {
		"Қайталаудан сақтайтын кілт: бір кілт пен бір сұрау бір рет қана орындалады. Берілмесе, жаңасы.",
		"Ключ от повторов: один ключ и один запрос исполняются один раз. Если не дан, новый.",
		"Idempotency key: the same key and request act once only. A fresh one unless given." } },
	{ "read", "VERSION", {
		"Сіз оқыған нұсқа: жазба одан кейін өзгерсе, бас тартылады. `correct` үшін қажет.",
		"Прочитанная версия: отказ, если запись с тех пор изменилась. Нужна для `correct`.",
		"The version that you read: refused when the record changed since. `correct` needs it." } },
	{ "reason", "TEXT", {
		"Себебі: `correct` және бас тарту үшін.",
		"Причина: для `correct` и для отказа.",
		"Why, for `correct` and for refusing." } },
	END
};
static const struct command_option import_options[] = {
	{ "dry-run", NULL, {
		"Әр жолды, заңды қоса, тексеру; ештеңе сақталмайды.",
		"Проверить каждую строку, и по закону тоже; ничего не сохранять.",
		"Check every row, law too, and keep nothing." } },
	{ "reject", "FILE", {
		"Өтпеген жолдар файлы; берілмесе, FILE.csv.rejected.csv.",
		"Куда идут непринятые строки; если не дано, FILE.csv.rejected.csv.",
		"Where the rejected rows go; FILE.csv.rejected.csv unless given." } },
	{ "key", "COLUMN", {
		"Осы бағанды әр жазбаның басқа жүйедегі аты ретінде сақтау; кейінгі файлдардың guest# сияқты бағандарына керек.",
		"Хранить этот столбец как имя записи в другой системе, для столбцов вида guest# следующих файлов.",
		"Keep this column as the other system's name of each record, for columns like guest# of later files." } },
	{ "again", NULL, {
		"Дәл осы файл бұрын енгізілген болса да.",
		"Даже если этот самый файл уже внесён.",
		"Though this very file was imported before." } },
	END
};
static const struct command_option demo_options[] = {
	{ "people", "COUNT", {
		"Онда неше адам тұрады; берілмесе, 10000.",
		"Сколько людей там живёт; если не дано, 10000.",
		"How many people live there; 10000 unless given." } },
	{ "seed", "NUMBER", {
		"Бірдей сан бірдей ел жасайды; берілмесе, 1.",
		"Одно и то же число даёт одну и ту же страну; если не дано, 1.",
		"The same number makes the same country; 1 unless given." } },
	{ "pack", "FOLDER", {
		"Ішінде demo.yaml бар пакет; берілмесе, packs/kz.",
		"Пакет с его demo.yaml; если не дан, packs/kz.",
		"The pack, with its demo.yaml; packs/kz unless given." } },
	END
};
static const struct command_option show_options[] = {
	{ "purpose", "PURPOSE", {
		"Лауазымды адам жазбаны не үшін ашады; адам мұны көреді.",
		"Зачем должностное лицо открывает запись; человек это увидит.",
		"Why an official opens the record; the person will see it." } },
	{ "case", "NUMBER", {
		"Мақсат талап етсе, істің нөмірі.",
		"Номер дела, если цель его требует.",
		"The case that it is for, where the purpose asks for one." } },
	{ "finding", "NUMBER", {
		"REGISTER мен REF орнына жұмыс кезегіндегі тармақтың жазбасын ашу.",
		"Вместо REGISTER и REF: открыть запись из рабочей очереди по её номеру.",
		"Open the record of a finding from the work queue instead of REGISTER and REF." } },
	END
};
static const struct command_option search_options[] = {
	{ "purpose", "PURPOSE", {
		"Лауазымды адам не үшін іздейді; көрсетілген әр адам мұны көреді.",
		"Зачем должностное лицо ищет; каждый показанный человек это увидит.",
		"Why an official searches; each person shown will see it." } },
	{ "case", "NUMBER", {
		"Мақсат талап етсе, істің нөмірі.",
		"Номер дела, если цель его требует.",
		"The case that it is for, where the purpose asks for one." } },
	END
};
static const struct command_option check_options[] = {
	{ "pack", "FOLDER", {
		"Жерлері мен өрістері алынатын пакет.",
		"Пакет, чьи места и поля имеются в виду.",
		"The pack whose places and fields are meant." } },
	END
};
static const struct command_option history_options[] = {
	{ "vkey", "VKEY", {
		"Сіз сенетін журнал кілті, /tlog/vkey мекенжайындағыдай.",
		"Ключ журнала, которому вы доверяете, как по адресу /tlog/vkey.",
		"The log's key that you trust, as /tlog/vkey has it." } },
	{ "key", "FILE", {
		"Оның орнына сол кілт жазылған файл.",
		"Вместо него файл с этим ключом.",
		"Instead, a file with that key." } },
	{ "pack", "FOLDER", {
		"Нөмірлердің орнына атаулары алынатын пакет.",
		"Пакет, из которого берутся названия вместо номеров.",
		"The pack that gives names instead of numbers." } },
	END
};
static const struct command_option install_options[] = {
	YES,
	{ "widen", NULL, {
		"Рөлге немесе бәріне бұрынғыдан көп құқық беретін өзгерістерге де «иә».",
		"«Да» и на то, что даёт роли или всем больше прежнего.",
		"Yes too to what gives a role or everybody more than before." } },
	{ "approve", "NAME,NAME", {
		"Пакет орната алатын екі есептік жазба; құпиясөздері сұралады. Үлгіде және ондай жазба әлі жоқта қажет емес.",
		"Две учётные записи с правом устанавливать пакеты; их пароли спрашиваются. Не нужны в демонстрации и пока таких записей нет.",
		"Two accounts that may install packs; their passwords are asked for. Not in a demo, and not before there is one." } },
	END
};
static const struct command_option restore_options[] = {
	YES,
	END
};
static const struct command_option day_options[] = {
	{ "day", "DAY", {
		"Бүгіннің орнына осы күнге.",
		"На этот день вместо сегодняшнего.",
		"As of this day instead of today." } }, END };
static const struct command_option add_options[] = {
	{ "role", "ROLE[@PLACE][:PARTY]", {
		"Рөл, оның аумағы және атынан әрекет ететін тұлға.",
		"Роль, её территория и лицо, за которое она действует.",
		"A role, with its territory, and the party that it acts for." } },
	{ "party", "REF", {
		"Адамның өз жазбасы.",
		"Запись самого человека.",
		"The person's own record." } },
	{ "password-stdin", NULL, {
		"Құпиясөзді стандартты кірістен алу; әйтпесе бір реттік код жасалады.",
		"Взять пароль из стандартного ввода; иначе создаётся одноразовый код.",
		"Take the password from standard input; else a one-time code is made." } },
	END
};
static const struct command_option role_options[] = {
	{ "role", "ROLE[@PLACE][:PARTY]", {
		"Рөл (қажет).",
		"Роль (нужна).",
		"The role (needed)." } }, END };
static const struct command_option password_options[] = {
	{ "password-stdin", NULL, {
		"Құпиясөзді стандартты кірістен алу; терминал жоқта онсыз да солай.",
		"Взять пароль из стандартного ввода; без терминала так и делается.",
		"Take the password from standard input, which is done without a terminal anyway." } },
	END
};
static const struct command_option witness_options[] = {
	{ "listen", "ADDRESS:PORT", {
		"Мекенжайы мен порты; берілмесе, 127.0.0.1:8090.",
		"Адрес и порт; если не даны, 127.0.0.1:8090.",
		"Address and port; 127.0.0.1:8090 unless given." } },
	{ "name", "NAME", {
		"Куәгердің аты; бірінші іске қосқанда қажет, кейін өзгермейді.",
		"Имя свидетеля; нужно при первом запуске, потом не меняется.",
		"The witness's name: needed at the first start, never changed." } },
	{ "log", "VKEY[,VKEY …]", {
		"Куәлік етілетін журналдардың кілттері (қажет).",
		"Ключи журналов, которые он заверяет (нужны).",
		"The keys of the logs that it cosigns (needed)." } },
	END
};
static const struct command_option clock_options[] = {
	{ "to", "DAY", {
		"Осы күннің басына немесе сәтке дейін жылжыту; жолдағы мерзімі келгеннің бәрі орындалады.",
		"Перевести на начало этого дня или на момент; всё, чему пришёл срок по пути, исполняется.",
		"Move it forward to the beginning of this day, or to an instant; all that is due on the way runs." } },
	END
};
static const struct command_option help_options[] = {
	{ "man", NULL, {
		"Нұсқаулық бетін шығару.",
		"Вывести страницу руководства.",
		"Print the manual page." } }, END };

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
		"Кіру: act, show және search үшін сеанс",
		"Войти: сеанс для act, show и search",
		"Sign in: a session for act, show and search" } },
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
	{ "show", "DIR REGISTER [REF] | DIR --finding NUMBER", 1, 3, show_options, false, show_command, {
		"Жазбаны көрсету; басқа адамдікін тек мақсатпен",
		"Показать запись; чужую — только с целью",
		"Show a record; another person's only for a purpose" } },
	{ "search", "DIR REGISTER TEXT", 3, 3, search_options, false, search_command, {
		"Жазбаны аты, нөмірі, құжаты, мекенжайы бойынша табу; TEXT орнына -: стандартты енгізуден",
		"Найти запись по имени, номеру, документу, адресу; вместо TEXT знак -: из стандартного ввода",
		"Find records by name, number, document or address; - for TEXT reads it from standard input" } },
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
	{ "verify history", "FILE --vkey VKEY", 1, 1, history_options, false, verify_history_command, {
		"Өзіңіз туралы көшірмені серверсіз тексеру",
		"Проверить выписку о себе без сервера",
		"Check an export of one's own entries without the server" } },
	{ "verify", "DIR", 1, 1, NULL, false, verify_command, {
		"Қайта есептеуге болатынның бәрін тексеру: журнал, тіркелімдер, жарияланғаны; сервер жұмыс істеп тұрса да",
		"Проверить всё, что можно вычислить заново: журнал, регистры, опубликованное; можно при работающем сервере",
		"Check all that can be computed again: ledger, registers, what was published; while the server runs too" } },
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
	{ "witness", "FOLDER --name NAME --log VKEY[,VKEY …]", 1, 1, witness_options, false, witness_command, {
		"Басқалардың журналына куәгер болу: бұрынғысын жалғастыратын бақылау нүктелеріне қол қояды",
		"Быть свидетелем чужих журналов: заверять контрольные точки, которые продолжают прежние",
		"Be a witness of others' logs: cosign checkpoints that continue those before" } },
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
	{ "json",
	  NULL,
	  { "JSON түрінде жауап беру; қателерді де.", "Отвечать в JSON, об ошибках тоже.",
	    "Answer in JSON; problems too, as problem details." } },
	{ "lang",
	  "kk|ru|en",
	  { "Осы тілде сөйлеу; әйтпесе ортаның тілі, ол болмаса ағылшынша.",
	    "Говорить на этом языке; иначе на языке окружения, иначе по-английски.",
	    "Speak this language; else that of the environment, else English." } },
	{ "help", NULL, { "Осы бұйрық туралы анықтама.", "Справка об этой команде.", "Help on this command." } },
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
