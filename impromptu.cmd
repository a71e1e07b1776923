@echo off
rem Impromptu's command line on Windows: finds a JDK 25 or newer, builds on first use, runs java.
rem Sources edited later are built by mvnw.cmd package; the bash launcher notices them by itself.
setlocal EnableExtensions
set "HOME_DIR=%~dp0"
set "JDK="

if defined IMPROMPTU_JAVA_HOME (
  call :try "%IMPROMPTU_JAVA_HOME%"
  if not defined JDK (
    echo impromptu: IMPROMPTU_JAVA_HOME holds no JDK 25 or newer: point it at one, or unset it. 1>&2
    exit /b 1
  )
)
if not defined JDK if defined JAVA_HOME call :try "%JAVA_HOME%"
if not defined JDK for /f "delims=" %%J in ('where java 2^>nul') do call :try "%%~dpJ.."
for /d %%D in ("%ProgramFiles%\Eclipse Adoptium\*" "%ProgramFiles%\Java\*" "%ProgramFiles%\Microsoft\*" "%ProgramFiles%\Zulu\*" "%USERPROFILE%\.jdks\*") do call :try "%%~D"
if not defined JDK (
  echo impromptu: needs a JDK 25 or newer and found none: install one, for instance from https://adoptium.net, or point JAVA_HOME at it. 1>&2
  exit /b 1
)

set "JAR=%HOME_DIR%examples\target\impromptu\impromptu.jar"
if not exist "%JAR%" call :build examples
if not exist "%JAR%" exit /b 1

rem The command forks this one.
set "BENCH=%HOME_DIR%benchmarks\target\benchmarks.jar"
if "%~1"=="bench" if not exist "%BENCH%" call :build benchmarks
if "%~1"=="bench" if not exist "%BENCH%" exit /b 1

"%JDK%\bin\java.exe" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED --add-exports java.desktop/com.sun.media.sound=ALL-UNNAMED -Xmx1g -Djava.awt.headless=true %IMPROMPTU_JAVA_OPTS% -jar "%JAR%" %*
exit /b %ERRORLEVEL%

:build
echo Building Impromptu (first use, about a minute) ... 1>&2
if not exist "%HOME_DIR%target" mkdir "%HOME_DIR%target"
pushd "%HOME_DIR%"
set "JAVA_HOME=%JDK%"
call mvnw.cmd -B -q -pl %~1 -am -Dmaven.test.skip=true package >"%HOME_DIR%target\impromptu-build.log" 2>&1
if errorlevel 1 (
  type "%HOME_DIR%target\impromptu-build.log" 1>&2
  echo impromptu: the build failed; its output stands above and in target\impromptu-build.log. 1>&2
)
popd
exit /b 0

rem Sets JDK to this folder if none was chosen yet and its release file names Java 25 or newer.
:try
if defined JDK exit /b 0
if not exist "%~1\bin\javac.exe" exit /b 0
if not exist "%~1\release" exit /b 0
for /f "tokens=2 delims==" %%V in ('findstr /b "JAVA_VERSION=" "%~1\release"') do (
  for /f "tokens=1 delims=." %%M in ("%%~V") do if %%M GEQ 25 set "JDK=%~f1"
)
exit /b 0
