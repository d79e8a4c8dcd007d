//! The table itself.

use super::{Binding, Scope};
use crate::app::action::Action;
use crate::app::msg::Key;

const fn row(
    action: Action,
    scope: Scope,
    keys: &'static [Key],
    label: &'static str,
    description: &'static str,
) -> Binding {
    Binding {
        action,
        scope,
        keys,
        label,
        description,
    }
}

const UP: &[Key] = &[Key::Char('k'), Key::Up];
const DOWN: &[Key] = &[Key::Char('j'), Key::Down];
const PAGE_UP: &[Key] = &[Key::PageUp, Key::Ctrl('b')];
const PAGE_DOWN: &[Key] = &[Key::PageDown, Key::Ctrl('f')];
const FIRST: &[Key] = &[Key::Char('g'), Key::Home];
const LAST: &[Key] = &[Key::Char('G'), Key::End];
const ESC: &[Key] = &[Key::Esc];
const ENTER: &[Key] = &[Key::Enter];
/// Asked for by name, in the palette.
const NONE: &[Key] = &[];

/// Every key of the program. The order within a scope is the order of footer and help.
#[rustfmt::skip]
pub static TABLE: &[Binding] = &{
    use Action as A;
    use Scope as S;
    [
    row(A::Answer, S::Explorer, &[Key::Char('e')], "all of it", "read what EC2 said last, in full"),
    row(A::FailOver, S::Explorer, &[Key::Char('f')], "fail over", "list where the selected interface could go"),
    row(A::Toggle, S::Explorer, ENTER, "open", "open or close the row"),
    row(A::Filter, S::Explorer, &[Key::Char('/')], "filter", "filter by id, name, address, zone, state, type, owner, description"),
    row(A::ClearFilter, S::Explorer, ESC, "clear filter", "take the filter away"),
    row(A::Copy, S::Explorer, &[Key::Char('y')], "copy", "copy the selected id or address to the terminal's clipboard"),
    row(A::Undo, S::Explorer, &[Key::Char('u')], "undo", "take the newest call back"),
    row(A::Clock, S::Explorer, &[Key::Char(' ')], "run/pause", "run or pause virtual time"),
    row(A::Timeline, S::Explorer, &[Key::Char('t')], "past", "look back at every change of a simulated world"),
    row(A::Exports, S::Explorer, &[Key::Char('E')], "exports", "show the export lines of a served world (enipilot serve)"),
    row(A::Skip, S::Explorer, &[Key::Char('>')], "", "let a minute of virtual time pass at once"),
    row(A::Refresh, S::Explorer, &[Key::Char('r')], "refresh", "look at the endpoint again now"),
    row(A::Down, S::Explorer, DOWN, "", "one row down"),
    row(A::Up, S::Explorer, UP, "", "one row up"),
    row(A::Left, S::Explorer, &[Key::Char('h'), Key::Left], "", "close the row, or go to its parent"),
    row(A::Right, S::Explorer, &[Key::Char('l'), Key::Right], "", "open the row, or go to its first child"),
    row(A::PageDown, S::Explorer, PAGE_DOWN, "", "one page down"),
    row(A::PageUp, S::Explorer, PAGE_UP, "", "one page up"),
    row(A::First, S::Explorer, FIRST, "", "to the first row"),
    row(A::Last, S::Explorer, LAST, "", "to the last row"),
    row(A::PanelDown, S::Explorer, &[Key::Char('J'), Key::Ctrl('d')], "", "scroll the panel down"),
    row(A::PanelUp, S::Explorer, &[Key::Char('K'), Key::Ctrl('u')], "", "scroll the panel up"),
    row(A::Resume, S::Explorer, &[Key::Char('R')], "", "finish the operation that is open"),
    row(A::UndoOperation, S::Explorer, &[Key::Char('P')], "", "put back what the open operation has moved"),
    row(A::Operations, S::Explorer, &[Key::Char('o')], "", "list operations: how they ended, and what is open"),
    row(A::Quit, S::Explorer, &[Key::Char('q')], "quit", "end the program"),
    row(A::Attach, S::Explorer, &[Key::Char('a')], "attach", "attach the selected interface to an instance"),
    row(A::Detach, S::Explorer, &[Key::Char('d')], "detach", "detach the selected interface"),
    row(A::Start, S::Explorer, &[Key::Char('s')], "start", "start the selected instance"),
    row(A::Stop, S::Explorer, &[Key::Char('S')], "stop", "stop the selected instance"),
    row(A::Terminate, S::Explorer, &[Key::Char('T')], "terminate", "terminate the selected instance"),
    row(A::Create, S::Explorer, &[Key::Char('n')], "new eni", "create an interface in the selected subnet"),
    row(A::Delete, S::Explorer, &[Key::Char('x'), Key::Delete], "delete", "delete the selected interface"),
    row(A::Assign, S::Explorer, &[Key::Char('+')], "", "assign private addresses to the selected interface"),
    row(A::Unassign, S::Explorer, &[Key::Char('-')], "", "unassign a secondary address, or the selected one"),
    row(A::Associate, S::Explorer, &[Key::Char('i')], "", "associate an Elastic IP, an allocated or a new one"),
    row(A::Disassociate, S::Explorer, &[Key::Char('I')], "", "disassociate an Elastic IP from the selected interface"),
    row(A::Allocate, S::Explorer, NONE, "", "allocate an Elastic IP"),
    row(A::Release, S::Explorer, NONE, "", "release an Elastic IP"),
    row(A::Groups, S::Explorer, NONE, "", "change the security groups of the selected interface"),
    row(A::SourceDestCheck, S::Explorer, NONE, "", "turn the source/destination check on or off"),
    row(A::DeleteOnTermination, S::Explorer, NONE, "", "turn DeleteOnTermination on or off"),
    row(A::CreateRoute, S::Explorer, NONE, "", "create a route to the selected interface"),
    row(A::ReplaceRoute, S::Explorer, NONE, "", "replace a route's target by the selected interface"),
    row(A::DeleteRoute, S::Explorer, NONE, "", "delete a route of this VPC"),
    row(A::Reboot, S::Explorer, NONE, "", "reboot the selected instance"),
    row(A::Resize, S::Explorer, NONE, "", "change the type of the selected instance, while it is stopped"),
    row(A::Launch, S::Explorer, &[Key::Char('L')], "", "launch an instance with the selected interface"),

    row(A::Hint, S::Lesson, &[Key::Char('h')], "hint", "the next hint of this step"),
    row(A::Undo, S::Lesson, &[Key::Char('u')], "undo", "take the newest call back"),
    row(A::Redo, S::Lesson, &[Key::Char('U')], "redo", "do again what was taken back"),
    row(A::Restart, S::Lesson, &[Key::Char('R')], "reset", "begin the lesson again"),
    row(A::Solution, S::Lesson, &[Key::Char('w')], "solution", "show one way to solve it"),
    row(A::NextLesson, S::Lesson, &[Key::Char('N')], "next", "go on to the next lesson"),
    row(A::Timeline, S::Lesson, &[Key::Char('t')], "past", "look back at every change since the lesson began"),
    row(A::Lessons, S::Lesson, &[Key::Char('M')], "lessons", "list the lessons"),
    row(A::Sandbox, S::Lesson, &[Key::Char('Z')], "sandbox", "leave the lesson and keep its world"),

    row(A::Choose, S::Lessons, ENTER, "begin", "begin the chosen lesson"),
    row(A::Down, S::Lessons, DOWN, "choose", "next lesson"),
    row(A::Up, S::Lessons, UP, "", "previous lesson"),
    row(A::First, S::Lessons, FIRST, "", "to the first lesson"),
    row(A::Last, S::Lessons, LAST, "", "to the last lesson"),
    row(A::Filter, S::Lessons, &[Key::Char('/')], "search", "search names, titles and texts"),
    row(A::Close, S::Lessons, &[Key::Esc, Key::Char('q')], "back", "back to the tree"),

    row(A::Choose, S::LessonSearch, ENTER, "begin", "begin the chosen lesson"),
    row(A::Down, S::LessonSearch, &[Key::Down, Key::Tab], "choose", "next lesson that is found"),
    row(A::Up, S::LessonSearch, &[Key::Up, Key::BackTab], "", "previous lesson that is found"),
    row(A::ClearFilter, S::LessonSearch, ESC, "all", "end the search"),

    row(A::Earlier, S::Timeline, &[Key::Left, Key::Char('h')], "change", "the change before"),
    row(A::Later, S::Timeline, &[Key::Right, Key::Char('l')], "", "the next change"),
    row(A::EarlierCall, S::Timeline, &[Key::PageUp, Key::Ctrl('b')], "call", "to the call before"),
    row(A::LaterCall, S::Timeline, &[Key::PageDown, Key::Ctrl('f')], "", "to the next call"),
    row(A::First, S::Timeline, FIRST, "begin", "to the oldest moment that is remembered"),
    row(A::Last, S::Timeline, LAST, "end", "to the end"),
    row(A::Down, S::Timeline, DOWN, "row", "one row down in the tree of that moment"),
    row(A::Up, S::Timeline, UP, "", "one row up"),
    row(A::Toggle, S::Timeline, ENTER, "", "open or close the row"),
    row(A::PanelDown, S::Timeline, &[Key::Char('J'), Key::Ctrl('d')], "", "scroll the panel down"),
    row(A::PanelUp, S::Timeline, &[Key::Char('K'), Key::Ctrl('u')], "", "scroll the panel up"),
    row(A::Close, S::Timeline, &[Key::Esc, Key::Char('t'), Key::Char('q')], "now", "back to now; nothing was changed"),

    row(A::Earlier, S::Replay, &[Key::Left, Key::Char('h'), Key::Up, Key::Char('k')], "record", "the record before"),
    row(A::Later, S::Replay, &[Key::Right, Key::Char('l'), Key::Down, Key::Char('j')], "", "the next record"),
    row(A::EarlierCall, S::Replay, &[Key::PageUp, Key::Ctrl('b')], "call", "to the call before"),
    row(A::LaterCall, S::Replay, &[Key::PageDown, Key::Ctrl('f')], "", "to the next call"),
    row(A::First, S::Replay, FIRST, "begin", "to the first record"),
    row(A::Last, S::Replay, LAST, "end", "to the last record"),
    row(A::Copy, S::Replay, &[Key::Char('y')], "copy", "copy all records to the terminal's clipboard"),
    row(A::Close, S::Replay, &[Key::Esc, Key::Char('t'), Key::Char('q')], "back", "back to where you were"),

    row(A::Choose, S::Filter, ENTER, "keep", "keep the filter and go back to the tree"),
    row(A::ClearFilter, S::Filter, ESC, "clear", "take the filter away"),
    row(A::Down, S::Filter, &[Key::Down], "move", "one row down"),
    row(A::Up, S::Filter, &[Key::Up], "", "one row up"),

    row(A::Choose, S::Candidates, ENTER, "plan", "plan the move to the chosen instance"),
    row(A::Down, S::Candidates, DOWN, "choose", "next instance"),
    row(A::Up, S::Candidates, UP, "", "previous instance"),
    row(A::First, S::Candidates, FIRST, "", "best candidate"),
    row(A::Last, S::Candidates, LAST, "", "last candidate"),
    row(A::Mechanism, S::Candidates, &[Key::Char('m')], "mechanism", "the ways in which its service can be moved there"),
    row(A::Copy, S::Candidates, &[Key::Char('y')], "copy id", "copy the chosen instance's id"),
    row(A::Close, S::Candidates, &[Key::Esc, Key::Char('q')], "back", "back to the tree"),

    row(A::Next, S::Plan, &[Key::Char('n')], "next step", "fly the next step, then stop (not live)"),
    row(A::Run, S::Plan, &[Key::Char('r')], "run all", "fly all steps; live, after one consent"),
    row(A::Preflight, S::Plan, &[Key::Char('v')], "preflight", "read every preflight check"),
    row(A::Accept, S::Plan, &[Key::Char('a')], "accept", "accept a check that blocks, by its name"),
    row(A::Mechanism, S::Plan, &[Key::Char('m')], "mechanism", "the ways in which its service can be moved there"),
    row(A::Script, S::Plan, &[Key::Char('c')], "copy script", "copy the plan as aws CLI lines"),
    row(A::SavePlan, S::Plan, &[Key::Char('s')], "save", "save the plan as a file"),
    row(A::Down, S::Plan, DOWN, "", "show the next step's forecast"),
    row(A::Up, S::Plan, UP, "", "show the previous step's forecast"),
    row(A::Close, S::Plan, &[Key::Esc, Key::Char('q')], "leave", "leave the plan; nothing has been done"),

    row(A::Next, S::Flight, &[Key::Char('n')], "next step", "fly the next step, then stop (not live)"),
    row(A::Run, S::Flight, &[Key::Char('r')], "run all", "fly the remaining steps"),
    row(A::Finish, S::Flight, &[Key::Char('f')], "finish", "go on to the target"),
    row(A::PutBack, S::Flight, &[Key::Char('p')], "put back", "attach to the source again"),
    row(A::OtherIndex, S::Flight, &[Key::Char('i')], "index", "attach at another free index"),
    row(A::OtherInstance, S::Flight, &[Key::Char('c')], "instance", "attach to another instance"),
    row(A::WaitOn, S::Flight, &[Key::Char('w')], "wait on", "wait on"),
    row(A::Fence, S::Flight, &[Key::Char('s')], "fence", "stop the source whose detach hangs; asks for its id"),
    row(A::Force, S::Flight, &[Key::Char('x')], "force", "force the hung detach; asks for a phrase"),
    row(A::Abort, S::Flight, &[Key::Char('a')], "abort", "stop: free before the detach, a question after it"),
    row(A::Preflight, S::Flight, &[Key::Char('v')], "", "read every preflight check"),
    row(A::Quit, S::Flight, &[Key::Char('q')], "", "end the program, if it is safe"),

    row(A::PutBack, S::Summary, &[Key::Char('p')], "put back", "plan the way back to the source"),
    row(A::Report, S::Summary, &[Key::Char('w')], "write report", "write the report as a file"),
    row(A::Copy, S::Summary, &[Key::Char('y')], "copy", "copy the summary to the terminal's clipboard"),
    row(A::Timeline, S::Summary, &[Key::Char('t')], "replay", "look at the operation again, change by change"),
    row(A::Explain, S::Summary, &[Key::Char('e')], "explain", "why it worked, or did not"),
    row(A::Close, S::Summary, &[Key::Esc, Key::Char('q'), Key::Enter], "close", "back to the tree"),

    row(A::Choose, S::Operations, ENTER, "read", "read what is known of the operation"),
    row(A::Resume, S::Operations, &[Key::Char('f')], "finish", "take it up again and finish it"),
    row(A::UndoOperation, S::Operations, &[Key::Char('p')], "put back", "take it up again and put it back"),
    row(A::Timeline, S::Operations, &[Key::Char('t')], "replay", "look at the operation again, record by record"),
    row(A::Down, S::Operations, DOWN, "choose", "next operation"),
    row(A::Up, S::Operations, UP, "", "previous operation"),
    row(A::Copy, S::Operations, &[Key::Char('y')], "copy", "copy what is known of the operation"),
    row(A::Close, S::Operations, &[Key::Esc, Key::Char('q')], "back", "back to the tree"),

    row(A::Choose, S::Prompt, ENTER, "do it", "submit the chosen call"),
    row(A::Down, S::Prompt, DOWN, "choose", "next choice"),
    row(A::Up, S::Prompt, UP, "", "previous choice"),
    row(A::Close, S::Prompt, &[Key::Esc, Key::Char('q')], "cancel", "do nothing"),

    row(A::Choose, S::Input, ENTER, "do it", "take what is typed or chosen"),
    row(A::Down, S::Input, &[Key::Down, Key::Tab], "choose", "next choice"),
    row(A::Up, S::Input, &[Key::Up, Key::BackTab], "", "previous choice"),
    row(A::Close, S::Input, ESC, "cancel", "do nothing"),

    row(A::Choose, S::Consent, ENTER, "agree", "agree, once what is asked for is typed"),
    row(A::Timeline, S::Consent, &[Key::Ctrl('t')], "replay", "look at the open operation again before taking it up"),
    row(A::Close, S::Consent, ESC, "cancel", "do nothing"),

    row(A::Choose, S::Palette, ENTER, "do it", "do what is chosen"),
    row(A::Down, S::Palette, &[Key::Down, Key::Tab], "choose", "next line"),
    row(A::Up, S::Palette, &[Key::Up, Key::BackTab], "", "previous line"),
    row(A::Close, S::Palette, ESC, "close", "close the palette"),

    row(A::Down, S::Reading, DOWN, "scroll", "one line down"),
    row(A::Up, S::Reading, UP, "", "one line up"),
    row(A::PageDown, S::Reading, &[Key::PageDown, Key::Char(' ')], "", "one page down"),
    row(A::PageUp, S::Reading, &[Key::PageUp], "", "one page up"),
    row(A::First, S::Reading, FIRST, "", "to the first line"),
    row(A::Last, S::Reading, LAST, "", "to the last line"),
    row(A::Copy, S::Reading, &[Key::Char('y')], "copy", "copy the text to the terminal's clipboard"),
    row(A::Close, S::Reading, &[Key::Esc, Key::Char('q'), Key::Enter], "close", "close"),

    row(A::Leave, S::Quit, &[Key::Char('y')], "leave", "leave: a simulated operation is forgotten, a live one is stopped first"),
    row(A::Close, S::Quit, &[Key::Esc, Key::Char('n'), Key::Char('q')], "stay", "stay"),

    row(A::Palette, S::Global, &[Key::Char(':'), Key::Ctrl('p')], "all", "every action by name"),
    row(A::Help, S::Global, &[Key::Char('?')], "help", "every key with its meaning"),
    row(A::SafeStop, S::Global, &[Key::Ctrl('c')], "", "stop safely, then end the program"),
    row(A::Suspend, S::Global, &[Key::Ctrl('z')], "", "give the terminal back to the shell"),
    row(A::Repaint, S::Global, &[Key::Ctrl('l')], "", "paint everything again"),
    ]
};
